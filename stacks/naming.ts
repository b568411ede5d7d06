/** The functions of the pipeline: folder, zip and construct id are the same word. */
export const functionNames = [
  'webhook-receiver',
  'event-relay',
  'event-processor',
  'notification-handler',
  'audit-logger',
  'health-check',
  'reconciler',
  'alert-forwarder',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** The functions that an environment has: alert-forwarder only where it posts alerts. */
export function functionsOf({ alertEndpoints }: { readonly alertEndpoints: boolean }): readonly FunctionName[] {
  return functionNames.filter((name) => name !== 'alert-forwarder' || alertEndpoints);
}

export const apiStageName = 'prod';

export interface Place {
  /** Last part of every name. */
  readonly suffix: string;
  readonly region: string;
  /** The account's 12 digits, or a reference to them. */
  readonly accountId: string;
}

/** Ids of the stacks of an environment; they are also the names of their folders and state files. */
export function stackIds(suffix: string) {
  return {
    state: `payment-webhooks-state-${suffix}`,
    data: `payment-webhooks-data-${suffix}`,
    pipeline: `payment-webhooks-${suffix}`,
  } as const;
}

/** Every name in AWS of one environment. Renaming one destroys the resource and makes another. */
export function namesOf(suffix: string, accountId: string) {
  return {
    keyAlias: `alias/payment-webhooks-${suffix}`,
    table: `payment-events-${suffix}`,
    archiveBucket: `webhook-archive-${suffix}-${accountId}`,
    auditBucket: `webhook-audit-${suffix}-${accountId}`,
    secretPrefix: `payment-webhooks/${suffix}`,
    alertEndpointsSecret: `payment-webhooks/${suffix}/alert-endpoints`,
    configParameter: `/payment-webhook/${suffix}/config`,
    processingQueue: `payment-processing-${suffix}`,
    notificationQueue: `payment-notification-${suffix}`,
    relayDeadLetters: `event-relay-dead-letters-${suffix}`,
    auditDeadLetters: `audit-logger-dead-letters-${suffix}`,
    routingDeadLetters: `payment-routing-dead-letters-${suffix}`,
    deliveryDeadLetters: `alert-delivery-dead-letters-${suffix}`,
    reconcilerDeadLetters: `reconciler-dead-letters-${suffix}`,
    forwardingQueue: `alert-forwarding-${suffix}`,
    alertTopic: `payment-alerts-${suffix}`,
    operationsTopic: `operations-alarms-${suffix}`,
    bus: `payment-events-${suffix}`,
    busArchive: `payment-events-${suffix}`,
    api: `webhook-api-${suffix}`,
    standardPaymentsLog: `/aws/events/standard-payments-${suffix}`,
    apiAccessLog: `/aws/apigateway/webhook-api-${suffix}`,
    apiAccountRole: `webhook-api-logging-${suffix}`,
    network: `payment-webhooks-${suffix}`,
    flowLog: `/aws/vpc/payment-webhooks-${suffix}`,
    flowLogRole: `payment-webhooks-flow-logs-${suffix}`,
    webAcl: `payment-webhooks-${suffix}`,
    webAclLog: `aws-waf-logs-payment-webhooks-${suffix}`,
    alarmPrefix: `payment-webhooks-${suffix}`,
    tamperingMetric: `tampering-${suffix}`,
    dashboard: `payment-webhook-dashboard-${suffix}`,
    stateBucket: `payment-webhooks-state-${suffix}-${accountId}`,
    stateLockTable: `payment-webhooks-locks-${suffix}`,
    stateKeyAlias: `alias/payment-webhooks-state-${suffix}`,
    ofFunction: (name: FunctionName) => `${name}-${suffix}`,
    functionLog: (name: FunctionName) => `/aws/lambda/${name}-${suffix}`,
    ofRule: (rule: string) => `payment-${rule}-${suffix}`,
  };
}

export type Names = ReturnType<typeof namesOf>;

/** ARNs that one stack has to know before another has made the resource, built from its name. */
export function arnsOf({ suffix, region, accountId }: Place) {
  const names = namesOf(suffix, accountId);
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${accountId}:${resource}`;
  return {
    accountRoot: `arn:aws:iam::${accountId}:root`,
    bus: arn('events', `event-bus/${names.bus}`),
    topics: [arn('sns', names.alertTopic), arn('sns', names.operationsTopic)],
    anyAlarm: arn('cloudwatch', 'alarm:*'),
    ofFunction: (name: FunctionName) => arn('lambda', `function:${names.ofFunction(name)}`),
    logGroups: [
      ...functionNames.map((name) => arn('logs', `log-group:${names.functionLog(name)}`)),
      arn('logs', `log-group:${names.standardPaymentsLog}`),
      arn('logs', `log-group:${names.apiAccessLog}`),
      arn('logs', `log-group:${names.flowLog}`),
      arn('logs', `log-group:${names.webAclLog}`),
      // API Gateway names this one itself, after the id of the API.
      arn('logs', `log-group:API-Gateway-Execution-Logs_*/${apiStageName}`),
    ],
  };
}
