/** What the stacks do not say: sizes, times and shares per event. Measured on the local run where it says so, else on the safe side. */
export const assumptions = {
  /** Bytes of a webhook's body; the archive keeps them as they are. The samples of `npm run send` have 200 to 1,100, live ones more. */
  bodyBytes: 3_000,
  /** Bytes of an event row while it carries its body, compressed. */
  rowBytes: 2_500,
  /** Bytes of one audit object with an insert and a mark; measured 893. */
  auditObjectBytes: 1_000,
  /** Runs of the audit logger per event: the insert and its mark fall into one batching window of five seconds; measured 1. */
  auditRuns: 1,
  /** Index entries that an event loses again: the one of what is pending, when it is processed. */
  indexRemovals: 1,
  /** Share of events that people are alerted about. */
  alertShare: 0.01,
  /** Share of events whose amount is standard, which the log group of standard payments takes. */
  standardShare: 0.9,
  /** Milliseconds of run time per invocation, by function. */
  runMs: {
    'webhook-receiver': 80,
    'event-relay': 120,
    'event-processor': 120,
    'notification-handler': 150,
    'audit-logger': 100,
    'health-check': 50,
    reconciler: 2_000,
    'alert-forwarder': 300,
  },
  /** Bytes of log lines and metrics per invocation, by function; measured 765, 492, 1,095 and, for the audit, 473, without what AWS adds to a line. */
  functionLogBytes: {
    'webhook-receiver': 900,
    'event-relay': 600,
    'event-processor': 1_200,
    'notification-handler': 1_000,
    'audit-logger': 600,
    'health-check': 300,
    reconciler: 1_000,
    'alert-forwarder': 1_000,
  },
  /** Bytes of one line of the API's access log. */
  accessLogBytes: 450,
  /** Bytes that API Gateway's execution log takes per request at INFO, without bodies. */
  executionLogBytes: 2_500,
  /** Bytes of one event in the log group of standard payments; measured 975 to 1,092 before EventBridge's envelope. */
  standardEventBytes: 1_400,
  /** Bytes of calls to SQS, EventBridge, SNS and KMS per event, both ways, with their share of TLS. */
  callBytes: 12_000,
  /** KMS calls per event: EventBridge encrypts and decrypts it; table, queues and buckets reuse their keys for minutes. */
  kmsCallsPerEvent: 2,
  /** Custom metrics that get data: four providers, by outcome, band and reason. */
  customMetrics: 30,
  /** A health check each minute, on the API or the function's URL. */
  healthChecksPerMonth: 43_800,
} as const;

/** Calls that are made whether or not anything comes in. */
export const idle = {
  /** Lambda polls a quiet queue with five long polls of 20 s at one time. */
  receivesPerQueueTrigger: (5 * 3600 * 730) / 20,
  /** Each function instance renews data keys and secrets every five minutes; four instances of each of four functions. */
  kmsCalls: 16 * 12 * 730,
  secretReads: 4 * 12 * 730,
} as const;

export const hoursPerMonth = 730;
export const secondsPerMonth = hoursPerMonth * 3600;

/** X-Ray's default rule records one request each second and 5 % of the rest, for each service. */
export const tracing = { reservoirPerSecond: 1, rate: 0.05 } as const;
