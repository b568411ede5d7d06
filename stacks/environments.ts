import { findProblem } from './environment-checks';
import { highValueThresholds } from './high-value-thresholds';
import { providers, type Environment, type Settings } from './settings';
import { subscribersFrom } from './subscribers';

const dev: Settings = {
  region: 'ap-southeast-1',
  tags: { CostCenter: 'payments' },
  enabledProviders: providers,
  maxBodyBytes: 1_048_576,
  throttle: { requestsPerSecond: 1000, burst: 2000 },
  functionUrlAuth: 'NONE',
  apiGatewayAccountRole: true,
  network: { cidr: '10.0.0.0/16', natGateways: 1, interfaceServices: [], flowLogs: false },
  webAcl: { requestsPerMinute: 600, trustedRanges: ['stripe', 'square', 'square-sandbox'] },
  maxRetries: 3,
  timeoutMs: 30_000,
  highValueThresholds,
  logLevel: 'INFO',
  accountConcurrencyLimit: 1000,
  reservedConcurrency: {},
  maximumConcurrency: { eventProcessor: 50, notificationHandler: 10 },
  relayParallelization: 2,
  reconciliation: { everyMinutes: 15, eventTypes: {} },
  eventRetentionDays: 60,
  logRetentionDays: 30,
  busArchiveDays: 30,
  coldStorageAfterDays: 90,
  auditRetentionDays: 1,
  auditLockMode: 'GOVERNANCE',
  retainData: false,
  silentAfterHours: {},
  alertEmails: [],
  alertTargets: [],
  operationsEmails: [],
  operationsTargets: [],
  alertEndpoints: false,
  subscribers: [],
};

/** Like production, but it may be destroyed, and its audit trail can be unlocked. */
const staging: Settings = {
  ...dev,
  functionUrlAuth: 'AWS_IAM',
  network: { ...dev.network, availabilityZones: ['ap-southeast-1a', 'ap-southeast-1b'], flowLogs: true },
  relayParallelization: 4,
  eventRetentionDays: 90,
  logRetentionDays: 90,
  auditRetentionDays: 30,
};

/** PCI DSS 10.5.1 asks for 12 months of audit trail and logs, the last three at hand; 400 days leaves a margin. */
const prod: Settings = {
  ...staging,
  tags: { ...dev.tags, DataClass: 'payment-events' },
  network: { ...staging.network, natGateways: 2 },
  webAcl: { requestsPerMinute: 600, trustedRanges: ['stripe', 'square'] },
  reservedConcurrency: { webhookReceiver: 100, healthCheck: 5 },
  relayParallelization: 10,
  eventRetentionDays: 400,
  logRetentionDays: 400,
  auditRetentionDays: 400,
  auditLockMode: 'COMPLIANCE',
  retainData: true,
};

export const environments: ReadonlyMap<string, Settings> = new Map([
  ['dev', dev],
  ['staging', staging],
  ['prod', prod],
]);

/** A setting that cannot be used; the message names the field, the value and what is allowed. */
export class SettingError extends Error {}

/**
 * The environment with this suffix. A suffix without a record of its own, such as `pr-42`, is a copy of dev under its own names.
 * Variables: `AWS_ACCOUNT_ID`; `STATE_BUCKET` with `STATE_LOCK_TABLE`; `ALERT_EMAILS` and `OPERATIONS_EMAILS`, separated by commas;
 * `SUBSCRIBERS`, a JSON list, in place of the record's; `ALERT_ENDPOINTS`, `true` or `false`; `LOCAL_RUN`, which only `npm start` sets.
 */
export function environmentFrom(suffix: string, variables: Readonly<Record<string, string | undefined>> = {}): Environment {
  if (!/^[a-z0-9-]{1,20}$/.test(suffix)) {
    throw new SettingError(`ENVIRONMENT_SUFFIX is ${JSON.stringify(suffix)}; allowed are 1 to 20 of a-z, 0-9 and -`);
  }
  const settings = environments.has(suffix) ? suffix : 'dev';
  const localRun = variables['LOCAL_RUN'] === 'true';
  return validated({ ...(environments.get(suffix) ?? dev), ...settingsFrom(variables), suffix, settings, ...(localRun && { localRun }) });
}

/** The environment as it is, or a SettingError about its first wrong field. */
export function validated(environment: Environment): Environment {
  const problem = findProblem(environment);
  if (problem === undefined) return environment;
  const { field, value, allowed, sentence } = problem;
  if (sentence !== undefined) throw new SettingError(`environment ${environment.suffix}: ${field} ${sentence}`);
  throw new SettingError(`environment ${environment.suffix}: ${field} is ${shown(value)}; allowed: ${allowed}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function settingsFrom(variables: Readonly<Record<string, string | undefined>>): Partial<Settings> {
  const accountId = variables['AWS_ACCOUNT_ID'];
  const alertEmails = variables['ALERT_EMAILS'];
  const operationsEmails = variables['OPERATIONS_EMAILS'];
  const subscribers = variables['SUBSCRIBERS'];
  const alertEndpoints = variables['ALERT_ENDPOINTS'];
  const bucket = variables['STATE_BUCKET'] ?? '';
  const lockTable = variables['STATE_LOCK_TABLE'] ?? '';
  return {
    ...(accountId && { accountId }),
    ...((bucket || lockTable) && { state: { bucket, lockTable } }),
    ...(alertEmails && { alertEmails: listOf(alertEmails) }),
    ...(operationsEmails && { operationsEmails: listOf(operationsEmails) }),
    ...(subscribers && { subscribers: parsedSubscribers(subscribers) }),
    ...(alertEndpoints && { alertEndpoints: parsedSwitch('ALERT_ENDPOINTS', alertEndpoints) }),
  };
}

function parsedSubscribers(text: string): Settings['subscribers'] {
  const read = subscribersFrom(text);
  if (read.ok) return read.value;
  throw new SettingError(`SUBSCRIBERS${read.path} ${read.problem}; docs/events.md has examples`);
}

function parsedSwitch(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new SettingError(`${name} is ${JSON.stringify(text)}; allowed: true or false`);
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}
