import { check, integer, oneOf, type Check, type Problem } from './check';
import { edgeChecks } from './edge-checks';
import { providers, reconcilableProviders, type Environment } from './settings';
import { alertTargetChecks, subscriberChecks } from './subscriber-checks';

/** CloudWatch takes no other retention. */
const logRetentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** Days that a message can wait before it is processed: 4 in a queue and 14 in its dead letters. */
const deadLetterSpanDays = 18;

/** The first setting that cannot be used, or undefined. */
export function findProblem(environment: Environment): Problem | undefined {
  return [
    ...placeChecks(environment),
    ...webhookChecks(environment),
    ...capacityChecks(environment),
    ...edgeChecks(environment),
    ...reconciliationChecks(environment),
    ...retentionChecks(environment),
    ...thresholdChecks(environment),
    ...peopleChecks(environment),
    ...alertTargetChecks(environment),
    ...subscriberChecks(environment),
  ].find((check) => !check.ok);
}

function placeChecks({ region, accountId, tags }: Environment): readonly Check[] {
  return [
    check(
      'region',
      region,
      /^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$/.test(region),
      'a region of the aws partition, such as ap-southeast-1',
    ),
    check('accountId', accountId, accountId === undefined || /^\d{12}$/.test(accountId), '12 digits'),
    ...Object.entries(tags).map(([key, value]) =>
      check(
        `tags.${key}`,
        value,
        isTag(key, value),
        'a key of 1 to 128 and a value of 1 to 256 letters, digits, spaces or _.:/=+-@, and no key aws:',
      ),
    ),
  ];
}

function webhookChecks(environment: Environment): readonly Check[] {
  const { enabledProviders, throttle } = environment;
  const known: readonly string[] = providers;
  const distinct = new Set<string>(enabledProviders);
  const providersOk = distinct.size === enabledProviders.length && distinct.size > 0 && [...distinct].every((name) => known.includes(name));
  return [
    check('enabledProviders', enabledProviders, providersOk, `one or more of ${known.join(', ')}, each once`),
    integer('maxBodyBytes', environment.maxBodyBytes, 1024, 4_194_304),
    integer('throttle.requestsPerSecond', throttle.requestsPerSecond, 1, 10_000),
    integer('throttle.burst', throttle.burst, throttle.requestsPerSecond, 20_000),
    oneOf('functionUrlAuth', environment.functionUrlAuth, ['NONE', 'AWS_IAM']),
    oneOf('logLevel', environment.logLevel, ['DEBUG', 'INFO']),
    integer('maxRetries', environment.maxRetries, 0, 10),
    integer('timeoutMs', environment.timeoutMs, 1000, 300_000),
  ];
}

/** Lambda keeps this much of an account's limit for functions that reserve none. */
const unreservedConcurrency = 100;

function capacityChecks(environment: Environment): readonly Check[] {
  const { accountConcurrencyLimit, reservedConcurrency, maximumConcurrency, relayParallelization } = environment;
  const reserved = (reservedConcurrency.webhookReceiver ?? 0) + (reservedConcurrency.healthCheck ?? 0);
  const reservable = Math.max(0, accountConcurrencyLimit - unreservedConcurrency);
  return [
    integer('accountConcurrencyLimit', accountConcurrencyLimit, 10, 1_000_000),
    check(
      'reservedConcurrency',
      reservedConcurrency,
      reserved <= reservable,
      `${reservable} in all, which is accountConcurrencyLimit less the ${unreservedConcurrency} that must stay unreserved`,
    ),
    integer('reservedConcurrency.webhookReceiver', reservedConcurrency.webhookReceiver ?? 1, 1, 10_000),
    integer('reservedConcurrency.healthCheck', reservedConcurrency.healthCheck ?? 1, 1, 10_000),
    integer('maximumConcurrency.eventProcessor', maximumConcurrency.eventProcessor, 2, 1000),
    integer('maximumConcurrency.notificationHandler', maximumConcurrency.notificationHandler, 2, 1000),
    integer('relayParallelization', relayParallelization, 1, 10),
  ];
}

function reconciliationChecks({ reconciliation: { everyMinutes, eventTypes }, enabledProviders }: Environment): readonly Check[] {
  const known: readonly string[] = reconcilableProviders.filter((name) => enabledProviders.includes(name));
  return [
    integer('reconciliation.everyMinutes', everyMinutes, 5, 60),
    ...Object.entries(eventTypes).flatMap(([provider, types]) => [
      check('reconciliation.eventTypes', provider, known.includes(provider), `the enabled ones of ${reconcilableProviders.join(', ')}`),
      check(
        `reconciliation.eventTypes.${provider}`,
        types,
        types.length > 0 && types.every((type) => /^[\w.-]*[\w.*-]$/.test(type)),
        'one or more event types, such as payment_intent.succeeded or charge.dispute.*',
      ),
    ]),
  ];
}

function retentionChecks(environment: Environment): readonly Check[] {
  const { auditLockMode, busArchiveDays, logRetentionDays, settings } = environment;
  const lockOk = auditLockMode === 'GOVERNANCE' || (settings === 'prod' && environment.retainData);
  return [
    integer('busArchiveDays', busArchiveDays, 1, 365),
    integer('eventRetentionDays', environment.eventRetentionDays, busArchiveDays + deadLetterSpanDays, 3650),
    check('logRetentionDays', logRetentionDays, logRetentions.includes(logRetentionDays), logRetentions.join(', ')),
    integer('coldStorageAfterDays', environment.coldStorageAfterDays, 90, 3650),
    integer('auditRetentionDays', environment.auditRetentionDays, 1, 3650),
    oneOf('auditLockMode', auditLockMode, ['GOVERNANCE', 'COMPLIANCE']),
    check(
      'auditLockMode',
      auditLockMode,
      lockOk,
      'COMPLIANCE in prod with retainData, GOVERNANCE elsewhere, as nothing under COMPLIANCE can be destroyed',
    ),
  ];
}

function thresholdChecks({ highValueThresholds }: Environment): readonly Check[] {
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['default', highValueThresholds.default],
    ...Object.entries(highValueThresholds),
  ];
  return entries.flatMap(([currency, amount]) => [
    check(`highValueThresholds.${currency}`, currency, /^(default|[A-Z]{3})$/.test(currency), 'an ISO 4217 code in upper case, or default'),
    check(
      `highValueThresholds.${currency}`,
      amount,
      typeof amount === 'string' && /^(0|[1-9]\d{0,14})(\.\d{1,4})?$/.test(amount),
      'an amount in major units as a decimal string, such as "10000"',
    ),
  ]);
}

function peopleChecks({ alertEmails, operationsEmails }: Environment): readonly Check[] {
  const isEmail = (text: string) => /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(text);
  const emails = (field: string, values: readonly string[]) => [
    ...values.map((value) => check(field, value, isEmail(value), 'e-mail addresses')),
    check(field, values, new Set(values).size === values.length, 'each address once'),
  ];
  return [...emails('alertEmails', alertEmails), ...emails('operationsEmails', operationsEmails)];
}

function isTag(key: string, value: string): boolean {
  return /^(?!aws:)[\p{L}\p{N} _.:/=+\-@]{1,128}$/iu.test(key) && /^[\p{L}\p{N} _.:/=+\-@]{1,256}$/u.test(value);
}
