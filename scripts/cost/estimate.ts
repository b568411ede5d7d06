import { assumptions, hoursPerMonth, idle, secondsPerMonth, tracing } from './assumptions';
import type { Price, Prices } from './prices';
import type { StackQuantities } from './stack-quantities';

/** One line of the bill for a month. */
export interface CostLine {
  readonly price: Price;
  readonly quantity: number;
  readonly usd: number;
  /** Where the quantity comes from. */
  readonly why: string;
}

export interface Estimate {
  readonly events: number;
  /** What grows with the number of events. */
  readonly variable: readonly CostLine[];
  /** What is paid for an empty pipeline too. */
  readonly fixed: readonly CostLine[];
}

interface Bill {
  add(id: string, quantity: number, why: string): void;
}

/**
 * What a month with this many events costs at list prices. Events come evenly, one at a time, so that no call carries two of them: with
 * more than one a second batches fill and requests get fewer. Throws when a function is unknown to the assumptions.
 */
export function estimate(events: number, stacks: StackQuantities, prices: Prices): Estimate {
  const runs = runsOf(events);
  return {
    events,
    variable: linesOf(prices, (bill) => {
      addReceiving(bill, events, stacks);
      addFunctions(bill, runs, stacks);
      addStoring(bill, events, stacks);
      addMessages(bill, events);
      addWatching(bill, { events, runs, stacks });
      addTransfer(bill, events, stacks);
    }),
    fixed: linesOf(prices, (bill) => {
      addFixed(bill, stacks);
    }),
  };
}

/** Sum of lines in USD. */
export function totalOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

type FunctionName = keyof typeof assumptions.runMs;
type Runs = Readonly<Record<FunctionName, number>>;

/** An insert and the mark that it was processed are two records of the stream, audited together; only the insert is relayed. */
function runsOf(events: number): Runs {
  return {
    'webhook-receiver': events,
    'event-relay': events,
    'event-processor': events,
    'notification-handler': events * assumptions.alertShare,
    // It is there only where alerts are posted to HTTPS endpoints.
    'alert-forwarder': events * assumptions.alertShare,
    'audit-logger': events * assumptions.auditRuns,
    // Both run by the clock: some thousand times a month, which is less than a cent.
    'health-check': 0,
    reconciler: 0,
  };
}

function isKnown(name: string, runs: Runs): name is FunctionName {
  return name in runs;
}

function linesOf(prices: Prices, fill: (bill: Bill) => void): readonly CostLine[] {
  const lines: CostLine[] = [];
  fill({
    add: (id, quantity, why) => {
      const price = prices.of(id);
      if (quantity > 0) lines.push({ price, quantity, usd: quantity * price.usdPerUnit, why });
    },
  });
  return lines;
}

function addReceiving(bill: Bill, events: number, { webAcls }: StackQuantities): void {
  bill.add('api-requests', events, 'one per event');
  bill.add('waf-requests', webAcls * events, 'one per event');
}

function addFunctions(bill: Bill, runs: Runs, { functions }: StackQuantities): void {
  const known = functions.map(({ name, memoryMb }) => {
    if (!isKnown(name, runs)) throw new Error(`scripts/cost/assumptions.ts says nothing about the function ${name}`);
    return { memoryMb, runs: runs[name], ms: assumptions.runMs[name] };
  });
  bill.add('lambda-requests', sum(known.map((one) => one.runs)), 'receiver, relay, processor and audit logger per event, and the alerts');
  bill.add(
    'lambda-compute',
    sum(known.map((one) => (one.runs * one.ms * one.memoryMb) / 1024 / 1000)),
    'memory from the stacks, times assumed',
  );
}

function addStoring(bill: Bill, events: number, { tableIndexes }: StackQuantities): void {
  const { rowBytes, bodyBytes, indexRemovals, auditObjectBytes, auditRuns, alertShare } = assumptions;
  const rowUnits = Math.ceil(rowBytes / 1024);
  const writes = events * (2 * rowUnits + tableIndexes + indexRemovals) + events * alertShare * 2;
  bill.add(
    'dynamodb-writes',
    writes,
    `the row (${rowUnits} units), its mark (${rowUnits}), the indexes (${tableIndexes + indexRemovals}); two per alert`,
  );
  bill.add('dynamodb-reads', events * alertShare * Math.ceil(rowBytes / 4096), 'the row, per alert; Lambda reads the stream for nothing');
  bill.add('s3-puts', events * (1 + auditRuns), 'the archived body and the audit object of each event');
  bill.add(
    's3-storage',
    (events * (bodyBytes + auditRuns * auditObjectBytes)) / 1e9,
    "one month's bodies and audit objects; they add up month by month",
  );
}

function addMessages(bill: Bill, events: number): void {
  const alerts = events * assumptions.alertShare;
  bill.add('sqs-requests', (events + alerts) * 3, 'send, receive and delete per event, and per alert');
  bill.add('eventbridge-events', events, 'one per event, below 64 KB');
  bill.add('sns-publishes', alerts, `one per alert, ${percent(assumptions.alertShare)} of the events`);
  bill.add(
    'kms-requests',
    events * assumptions.kmsCallsPerEvent + alerts * 4,
    'EventBridge twice per event; SNS and the notification queue per alert',
  );
}

function addWatching(bill: Bill, input: { readonly events: number; readonly runs: Runs; readonly stacks: StackQuantities }): void {
  const { events, runs, stacks } = input;
  const gigabytes = logBytes(events, runs, stacks) / 1e9;
  bill.add(
    'logs-ingestion',
    gigabytes,
    `${Math.round((gigabytes * 1e9) / events)} bytes per event, the execution log of the API among them`,
  );
  bill.add(
    'logs-storage',
    (gigabytes * stacks.logRetentionDays) / 30.4,
    `as it is once ${stacks.logRetentionDays} days of logs are there, not compressed`,
  );
  bill.add('xray-traces', tracesOf(runs, stacks), 'each traced service records one request a second and 5 % of the rest');
}

function logBytes(events: number, runs: Runs, { functions, hasExecutionLog }: StackQuantities): number {
  const { functionLogBytes, accessLogBytes, executionLogBytes, standardEventBytes, standardShare } = assumptions;
  const ofFunctions = functions.map(({ name }) => (isKnown(name, runs) ? runs[name] * functionLogBytes[name] : 0));
  return sum(ofFunctions) + events * (accessLogBytes + (hasExecutionLog ? executionLogBytes : 0) + standardShare * standardEventBytes);
}

/** The receiver's trace is the API's. */
function tracesOf(runs: Runs, { functions, isApiTraced }: StackQuantities): number {
  const traced = functions.filter(({ name, isTraced }) => isTraced || (isApiTraced && name === 'webhook-receiver'));
  return sum(traced.map(({ name }) => (isKnown(name, runs) ? recorded(runs[name]) : 0)));
}

function recorded(requests: number): number {
  const reserved = Math.min(requests, tracing.reservoirPerSecond * secondsPerMonth);
  return reserved + (requests - reserved) * tracing.rate;
}

function addTransfer(bill: Bill, events: number, { natGateways, endpointZones }: StackQuantities): void {
  const gigabytes = (events * assumptions.callBytes) / 1e9;
  if (endpointZones > 0)
    bill.add('endpoint-data', gigabytes, 'calls to SQS, EventBridge, SNS and KMS; S3 and DynamoDB have free endpoints');
  else if (natGateways > 0) bill.add('nat-data', gigabytes, 'calls to SQS, EventBridge, SNS and KMS; S3 and DynamoDB have free endpoints');
}

function addFixed(bill: Bill, stacks: StackQuantities): void {
  const { natGateways, publicAddresses, endpointZones, webAcls, webAclRules } = stacks;
  bill.add('nat-hours', natGateways * hoursPerMonth, `${natGateways} gateways`);
  bill.add('public-ipv4-hours', publicAddresses * hoursPerMonth, `${publicAddresses} addresses of NAT gateways`);
  bill.add('endpoint-hours', endpointZones * hoursPerMonth, `${endpointZones} endpoints, counted per zone`);
  bill.add('waf-acls', webAcls, `${webAcls} web ACL`);
  bill.add('waf-rules', webAclRules, `${webAclRules} rules and rule groups`);
  bill.add('alarms', stacks.alarmMetrics, `${stacks.alarmMetrics} metrics that alarms watch`);
  bill.add('dashboards', stacks.dashboards, 'the dashboard');
  bill.add('metrics', assumptions.customMetrics, `about ${assumptions.customMetrics} of the functions' own`);
  bill.add('kms-keys', stacks.keys, 'the keys of data and state');
  bill.add('secrets', stacks.secrets, 'one per provider');
  bill.add('secret-requests', idle.secretReads, 'each instance reads every five minutes');
  bill.add('kms-requests', idle.kmsCalls, 'renewed data keys');
  bill.add('sqs-requests', stacks.queueTriggers * idle.receivesPerQueueTrigger, 'Lambda asks quiet queues all the time');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${share * 100} %`;
}
