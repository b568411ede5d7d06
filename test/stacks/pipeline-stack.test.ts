import { describe, expect, it } from '@jest/globals';
import { Testing } from 'cdktf';
import { variables as alertForwarder } from '../../functions/alert-forwarder/env';
import { variables as auditLogger } from '../../functions/audit-logger/env';
import { variables as eventProcessor } from '../../functions/event-processor/env';
import { variables as eventRelay } from '../../functions/event-relay/env';
import { variables as healthCheck } from '../../functions/health-check/env';
import { variables as notificationHandler } from '../../functions/notification-handler/env';
import { variables as reconciler } from '../../functions/reconciler/env';
import { providerNames } from '../../functions/shared/providers';
import { variables as webhookReceiver } from '../../functions/webhook-receiver/env';
import { DataStack } from '../../stacks/data-stack';
import { environmentFrom } from '../../stacks/environments';
import { functionsOf } from '../../stacks/naming';
import { PipelineStack } from '../../stacks/pipeline-stack';
import { providers } from '../../stacks/settings';
import { statementsOf } from './rules/rule';
import { at, entries, find, json, synthesize, synthesized } from './synthesized';

const { pipeline, resources } = synthesized('dev');
const prod = synthesized('prod').resources;

const lambda = (name: string, all = resources) => find(all, 'aws_lambda_function', `${name}/function`);
const variablesOf = (name: string) => at(lambda(name), 'environment', 'variables');

/** What a function's role may do: actions and resources by the statement's Sid. */
function permissionsOf(name: string): Readonly<Record<string, { readonly actions: readonly string[]; readonly on: string }>> {
  const statements = statementsOf(resources).filter(({ owner }) => owner.path === `${name}/policy` && owner.type === 'aws_iam_role_policy');
  return Object.fromEntries(
    statements.map(({ statement }) => [statement.Sid, { actions: statement.Action, on: statement.Resource.join(' ') }]),
  );
}

describe('functions', () => {
  it.each([
    ['webhook-receiver', 30, 512],
    ['event-relay', 60, 512],
    ['event-processor', 300, 512],
    ['notification-handler', 30, 256],
    ['audit-logger', 60, 256],
    ['health-check', 5, 256],
    ['reconciler', 300, 512],
  ])('gives %s %i s and %i MB', (name, timeout, memory) => {
    expect(lambda(name)).toMatchObject({ function_name: `${name}-dev`, timeout, memory_size: memory, handler: 'index.handler' });
  });

  it.each([
    ['webhook-receiver', webhookReceiver],
    ['event-relay', eventRelay],
    ['event-processor', eventProcessor],
    ['notification-handler', notificationHandler],
    ['audit-logger', auditLogger],
    ['health-check', healthCheck],
    ['reconciler', reconciler],
  ])('gives %s exactly the variables that it names, and what the logger and metrics read', (name, variables) => {
    const powertools = ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_LOG_LEVEL'];
    const given = entries(variablesOf(name));
    expect(given.map(([key]) => key).sort()).toEqual([...variables, ...powertools].sort());
    expect(given.filter(([, value]) => typeof value !== 'string' || value === '')).toEqual([]);
  });

  it('lets the receiver answer within 8 s whatever AWS does', () => {
    expect(variablesOf('webhook-receiver')).toMatchObject({ MAX_ATTEMPTS: '2', REQUEST_TIMEOUT_MS: '950' });
  });

  it('lets every other function finish its calls before its timeout', () => {
    for (const name of functionsOf(environmentFrom('dev'))) {
      const attempts = Number(at(variablesOf(name), 'MAX_ATTEMPTS'));
      const timeoutMs = Number(at(variablesOf(name), 'REQUEST_TIMEOUT_MS'));
      expect(attempts * timeoutMs).toBeLessThan(Number(lambda(name)['timeout']) * 1000);
    }
  });

  it('reserves concurrency only where the environment can afford it', () => {
    expect(resources.filter(({ properties }) => properties['reserved_concurrent_executions'] !== undefined)).toEqual([]);
    expect(lambda('webhook-receiver', prod)['reserved_concurrent_executions']).toBe(100);
    expect(lambda('health-check', prod)['reserved_concurrent_executions']).toBe(5);
  });

  it('knows the providers that have an adapter', () => {
    expect([...providers]).toEqual([...providerNames]);
    expect(at(variablesOf('webhook-receiver'), 'ENABLED_PROVIDERS')).toBe('stripe,paypal,square,generic');
  });

  it('reads the secrets of enabled providers only', () => {
    const environment = { ...environmentFrom('dev'), enabledProviders: ['square'] as const };
    const policies = statementsOf(synthesize(environment).resources).filter(({ statement }) =>
      statement.Action.some((action) => action.startsWith('secretsmanager:')),
    );
    expect(policies.map(({ place }) => place)).toEqual([
      'health-check/policy#AskSecrets',
      'reconciler/policy#ReadSecrets',
      'webhook-receiver/policy#ReadSecrets',
    ]);
    for (const { statement } of policies) {
      expect(statement.Resource).toHaveLength(1);
      expect(statement.Resource[0]).toContain('secrets_square');
    }
  });

  it('says which zip is missing', () => {
    const environment = environmentFrom('dev');
    const app = Testing.app();
    const make = () => new PipelineStack(app, { environment, packageDirectory: '/nowhere', data: new DataStack(app, environment) });
    expect(make).toThrow('webhook-receiver.zip is missing in /nowhere; run "npm run build" first');
  });
});

describe('permissions', () => {
  const own = ['WriteLogs', 'WriteTraces', 'AttachToNetwork', 'NotByTheCode'];
  const stream = ['ReadStream', 'ListStreams', 'SendDeadLetters'];

  it.each([
    [
      'webhook-receiver',
      {
        StoreEvents: ['dynamodb:PutItem', 'dynamodb:GetItem'],
        LookUpLateEvents: ['dynamodb:Query'],
        ArchiveLargeBodies: ['s3:PutObject'],
        ReadSecrets: ['secretsmanager:GetSecretValue'],
      },
      ['KeyThroughDynamodb', 'KeyThroughS3', 'KeyThroughSecretsmanager'],
    ],
    [
      'event-relay',
      { ArchiveBodies: ['s3:PutObject'], EnqueueEvents: ['sqs:SendMessage'] },
      [...stream, 'KeyThroughS3', 'KeyThroughSqs', 'KeyThroughDynamodb'],
    ],
    [
      'event-processor',
      { PublishEvents: ['events:PutEvents'], MarkProcessed: ['dynamodb:UpdateItem'], ReadSettings: ['ssm:GetParameter'] },
      ['ReceiveMessages', 'PostponeMessages', 'KeyThroughDynamodb', 'KeyThroughSqs'],
    ],
    [
      'notification-handler',
      { ReadEventsAndClaimAlerts: ['dynamodb:GetItem', 'dynamodb:UpdateItem'], PublishAlerts: ['sns:Publish'] },
      ['ReceiveMessages', 'PostponeMessages', 'KeyThroughDynamodb', 'KeyThroughSns', 'KeyThroughSqs'],
    ],
    [
      'audit-logger',
      { WriteAudit: ['s3:PutObject'], AlertTampering: ['sns:Publish'] },
      [...stream, 'KeyThroughS3', 'KeyThroughSns', 'KeyThroughDynamodb', 'KeyThroughSqs'],
    ],
    [
      'health-check',
      { AskTable: ['dynamodb:DescribeTable'], AskQueue: ['sqs:GetQueueAttributes'], AskSecrets: ['secretsmanager:DescribeSecret'] },
      [],
    ],
    [
      'reconciler',
      {
        StoreEventsAndCheckpoints: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        LookUpEvents: ['dynamodb:Query'],
        ArchiveBodies: ['s3:PutObject'],
        EnqueueEvents: ['sqs:SendMessage'],
        ReadSecrets: ['secretsmanager:GetSecretValue'],
        SendDeadLetters: ['sqs:SendMessage'],
      },
      ['KeyThroughDynamodb', 'KeyThroughS3', 'KeyThroughSecretsmanager', 'KeyThroughSqs'],
    ],
  ])('lets %s do what it does and no more', (name, does, others) => {
    const permissions = permissionsOf(name);
    expect(Object.keys(permissions).sort()).toEqual([...Object.keys(does), ...others, ...own].sort());
    for (const [sid, actions] of Object.entries(does)) expect(permissions[sid]?.actions).toEqual(actions);
  });

  it('lets the receiver and the relay write webhooks, and the audit logger audit objects, and nothing else in the buckets', () => {
    expect(permissionsOf('webhook-receiver')['ArchiveLargeBodies']?.on).toMatch(/s3_bucketarchive_bucket_\w+\}\/webhooks\/\*$/);
    expect(permissionsOf('event-relay')['ArchiveBodies']?.on).toMatch(/s3_bucketarchive_bucket_\w+\}\/webhooks\/\*$/);
    expect(permissionsOf('audit-logger')['WriteAudit']?.on).toMatch(/s3_bucketaudit_bucket_\w+\}\/audit\/\*$/);
  });

  it('lets a role be assumed by Lambda only', () => {
    const trust = json(find(resources, 'aws_iam_role', 'event-relay/role')['assume_role_policy']);
    expect(at(trust, 'Statement', 0)).toMatchObject({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
  });
});

describe('queues and streams', () => {
  const mapping = (name: string, all = resources) => find(all, 'aws_lambda_event_source_mapping', `${name}/trigger/mapping`);

  it.each([
    ['processing', 1800],
    ['notification', 180],
  ])('gives %s messages %i s of invisibility and five receives', (path, visibility) => {
    const queue = find(resources, 'aws_sqs_queue', `${path}/queue`);
    expect(queue).toMatchObject({
      name: `payment-${path}-dev`,
      visibility_timeout_seconds: visibility,
      message_retention_seconds: 345_600,
    });
    expect(at(json(queue['redrive_policy']), 'maxReceiveCount')).toBe(5);
  });

  it('receives a message twice more than the functions retry', () => {
    const { resources: patient } = synthesize({ ...environmentFrom('dev'), maxRetries: 6 });
    expect(at(json(find(patient, 'aws_sqs_queue', 'processing/queue')['redrive_policy']), 'maxReceiveCount')).toBe(8);
  });

  it('lets only its own queue redrive into dead letters', () => {
    const allow = (path: string) =>
      json(find(resources, 'aws_sqs_queue_redrive_allow_policy', `${path}/redrive-allow-policy`)['redrive_allow_policy']);
    expect(allow('processing-dead-letters')).toMatchObject({
      redrivePermission: 'byQueue',
      sourceQueueArns: [expect.stringContaining('aws_sqs_queue.processing_queue')],
    });
    expect(allow('relay-dead-letters')).toEqual({ redrivePermission: 'denyAll' });
  });

  it.each([
    ['event-processor', 50],
    ['notification-handler', 10],
  ])('runs %s for ten messages, at most %i at a time', (name, concurrency) => {
    expect(mapping(name)).toMatchObject({ batch_size: 10, scaling_config: { maximum_concurrency: concurrency } });
  });

  it('relays new event rows only', () => {
    expect(json(at(mapping('event-relay'), 'filter_criteria', 'filter', 0, 'pattern'))).toEqual({
      eventName: ['INSERT'],
      dynamodb: { Keys: { eventKey: { S: [{ prefix: 'event#' }] } } },
    });
    expect(mapping('event-relay')).toMatchObject({ batch_size: 10, parallelization_factor: 2, starting_position: 'TRIM_HORIZON' });
    expect(mapping('event-relay', prod)['parallelization_factor']).toBe(10);
  });

  it('audits every change', () => {
    expect(mapping('audit-logger')).toMatchObject({ batch_size: 100, parallelization_factor: 1 });
    expect(mapping('audit-logger')['filter_criteria']).toBeUndefined();
  });
});

describe('reconciliation', () => {
  it('runs every quarter of an hour by the clock of the default bus, and keeps what could not be run', () => {
    expect(find(resources, 'aws_cloudwatch_event_rule', 'reconciler/schedule/rule')).toMatchObject({
      name: 'payment-reconcile-dev',
      schedule_expression: 'rate(15 minutes)',
      event_bus_name: 'default',
    });
    const dead = expect.stringContaining('reconciler-dead-letters_queue');
    expect(find(resources, 'aws_cloudwatch_event_target', 'reconciler/schedule/target')).toMatchObject({
      arn: expect.stringContaining('reconciler_function'),
      dead_letter_config: { arn: dead },
    });
    expect(find(resources, 'aws_lambda_function_event_invoke_config', 'reconciler/schedule/invocation')).toMatchObject({
      maximum_retry_attempts: 1,
      destination_config: { on_failure: { destination: dead } },
    });
    const permission = find(resources, 'aws_lambda_permission', 'reconciler/schedule/permission');
    expect(permission).toMatchObject({
      principal: 'events.amazonaws.com',
      source_arn: expect.stringContaining('reconciler_schedule_rule'),
    });
  });

  it('reads no secret where no provider can be asked, and sweeps all the same', () => {
    const { resources: plain } = synthesize({ ...environmentFrom('dev'), enabledProviders: ['generic'] });
    const places = statementsOf(plain).map(({ place }) => place);
    expect(places).not.toContain('reconciler/policy#ReadSecrets');
    expect(places).toContain('reconciler/policy#EnqueueEvents');
  });
});

describe('bus, rules and topics', () => {
  const pattern = (path: string) => json(find(resources, 'aws_cloudwatch_event_rule', path)['event_pattern']);

  it('publishes on a bus of our own with 30 days to replay', () => {
    expect(find(resources, 'aws_cloudwatch_event_bus', 'event-bus/bus')['name']).toBe('payment-events-dev');
    expect(find(resources, 'aws_cloudwatch_event_archive', 'event-bus/archive')['retention_days']).toBe(30);
  });

  it.each([
    ['alert-routes/high-value/rule', { valueBand: ['high'], kind: ['payment.succeeded', 'payment.authorized', 'refund.succeeded'] }],
    ['alert-routes/failed/rule', { kind: ['payment.failed', 'refund.failed'] }],
    ['alert-routes/dispute/rule', { kind: ['dispute.opened', 'dispute.lost'] }],
    ['standard-payments/route/rule', { valueBand: ['standard'] }],
  ])('matches at %s what the processor publishes', (path, detail) => {
    expect(pattern(path)).toEqual({ source: ['payment.processor'], 'detail-type': ['Payment Processed'], detail });
  });

  it('sends standard payments to their log group, which lets only the rule write', () => {
    expect(find(resources, 'aws_cloudwatch_log_group', 'standard-payments/log-group')['name']).toBe('/aws/events/standard-payments-dev');
    const write = statementsOf(resources).find(({ place }) => place === 'standard-payments/policy#WriteEventsOfTheRule')?.statement;
    expect(at(write?.Condition, 'ArnEquals', 'aws:SourceArn')).toMatch(
      /^\$\{aws_cloudwatch_event_rule\.standard-payments_route_rule_\w+\.arn\}$/,
    );
  });

  it('lets alarms publish on the operations topic and nobody from outside on the alerts topic', () => {
    const publishers = (topic: string) =>
      statementsOf(resources).filter(({ owner, statement }) => owner.path === `${topic}/policy` && statement.Effect === 'Allow');
    expect(publishers('operations').map(({ statement }) => statement.Sid)).toEqual(['FromAlarms']);
    expect(publishers('alerts')).toEqual([]);
  });

  it('subscribes people, with dead letters for what does not reach them', () => {
    const { resources: withPeople } = synthesize({
      ...environmentFrom('dev'),
      alertEmails: ['a@example.com'],
      operationsEmails: ['b@example.com'],
    });
    expect(find(withPeople, 'aws_sns_topic_subscription', 'alerts/email-a@example.com')).toMatchObject({
      protocol: 'email',
      endpoint: 'a@example.com',
      redrive_policy: expect.stringContaining('delivery-dead-letters'),
    });
    expect(find(withPeople, 'aws_sns_topic_subscription', 'operations/email-b@example.com')['endpoint']).toBe('b@example.com');
  });

  it('subscribes queues of whoever tells people otherwise, with the same dead letters', () => {
    const { resources: withQueues } = synthesize({
      ...environmentFrom('dev'),
      alertTargets: [{ queueArn: 'arn:aws:sqs:ap-southeast-1:123456789012:chat' }],
      operationsTargets: [{ queueArn: 'arn:aws:sqs:ap-southeast-1:123456789012:on-call' }],
    });
    expect(find(withQueues, 'aws_sns_topic_subscription', 'alerts/queue-chat')).toMatchObject({
      protocol: 'sqs',
      endpoint: 'arn:aws:sqs:ap-southeast-1:123456789012:chat',
      redrive_policy: expect.stringContaining('delivery-dead-letters'),
    });
    const onCall = find(withQueues, 'aws_sns_topic_subscription', 'operations/queue-on-call');
    expect(onCall['endpoint']).toBe('arn:aws:sqs:ap-southeast-1:123456789012:on-call');
    // Subject and attributes are in the envelope.
    expect(onCall['raw_message_delivery']).toBeUndefined();
  });

  describe('of an environment that posts alerts to HTTPS endpoints', () => {
    const posting = synthesize({ ...environmentFrom('dev'), alertEndpoints: true, retainData: true });
    const of = (type: string, path: string) => find(posting.resources, type, path);

    it('has a function with its variables', () => {
      expect(of('aws_lambda_function', 'alert-forwarder/function')).toMatchObject({
        function_name: 'alert-forwarder-dev',
        timeout: 30,
        memory_size: 256,
      });
      const given = entries(at(of('aws_lambda_function', 'alert-forwarder/function'), 'environment', 'variables'));
      expect(
        given
          .map(([name]) => name)
          .filter((name) => !name.startsWith('POWERTOOLS_'))
          .sort(),
      ).toEqual([...alertForwarder].sort());
      expect(of('aws_lambda_event_source_mapping', 'alert-forwarder/trigger/mapping')).toMatchObject({
        event_source_arn: expect.stringContaining('aws_sqs_queue.forwarding_queue'),
        function_response_types: ['ReportBatchItemFailures'],
      });
    });

    it('subscribes its queue to both topics, in their envelope, and lets in nobody else', () => {
      for (const topic of ['alerts', 'operations']) {
        const subscription = of('aws_sns_topic_subscription', `alert-forwarder/${topic}-subscription`);
        expect(subscription).toMatchObject({
          topic_arn: expect.stringContaining(`aws_sns_topic.${topic}_topic`),
          protocol: 'sqs',
          endpoint: expect.stringContaining('aws_sqs_queue.forwarding_queue'),
          redrive_policy: expect.stringContaining('delivery-dead-letters'),
        });
        expect(subscription['raw_message_delivery']).toBeUndefined();
      }
      const senders = statementsOf(posting.resources).filter(
        ({ owner, statement }) => owner.path === 'forwarding/policy' && statement.Effect === 'Allow',
      );
      expect(senders.map(({ statement }) => statement.Sid)).toEqual(['FromSns']);
      expect(at(senders[0]?.statement.Condition, 'ArnEquals', 'aws:SourceArn')).toEqual([
        expect.stringContaining('aws_sns_topic.alerts_topic'),
        expect.stringContaining('aws_sns_topic.operations_topic'),
      ]);
    });

    it('keeps the endpoints in a secret that is made empty, and kept like the others', () => {
      expect(of('aws_secretsmanager_secret', 'alert-endpoints/secret')).toMatchObject({
        name: 'payment-webhooks/dev/alert-endpoints',
        recovery_window_in_days: 30,
        lifecycle: { prevent_destroy: true },
      });
      expect(posting.resources.filter(({ type }) => type === 'aws_secretsmanager_secret_version')).toEqual([]);
    });

    it('has nothing of it in an environment that does not', () => {
      const paths = (all: typeof resources) => new Set(all.map(({ path }) => path));
      expect([...paths(resources)].filter((path) => /alert-(forwarder|endpoints)|forwarding/.test(path))).toEqual([]);
      expect([...paths(posting.resources)].filter((path) => /alert-(forwarder|endpoints)|forwarding/.test(path)).length).toBeGreaterThan(
        15,
      );
    });
  });

  it('holds the settings that the functions read while they run', () => {
    const parameter = find(resources, 'aws_ssm_parameter', 'config/parameter');
    expect(parameter['name']).toBe('/payment-webhook/dev/config');
    expect(json(parameter['value'])).toMatchObject({
      maxRetries: 3,
      timeoutMs: 30_000,
      highValueThresholds: { default: '10000', JPY: '1500000' },
    });
  });
});

describe('the API', () => {
  it('is regional and hands bodies over as bytes', () => {
    expect(find(resources, 'aws_api_gateway_rest_api', 'webhook-api/api')).toMatchObject({
      name: 'webhook-api-dev',
      endpoint_configuration: { types: ['REGIONAL'] },
      binary_media_types: ['*/*'],
    });
  });

  it.each([
    ['post-webhook', 'POST', 'webhook-receiver', '/prod/POST/webhook'],
    ['post-webhook-provider', 'POST', 'webhook-receiver', '/prod/POST/webhook/*'],
    ['get-health', 'GET', 'health-check', '/prod/GET/health'],
  ])('routes %s %s to %s and nowhere else', (id, method, name, source) => {
    expect(find(resources, 'aws_api_gateway_method', `webhook-api/${id}/method`)).toMatchObject({
      http_method: method,
      authorization: 'NONE',
    });
    expect(find(resources, 'aws_api_gateway_integration', `webhook-api/${id}/integration`)).toMatchObject({
      type: 'AWS_PROXY',
      integration_http_method: 'POST',
      uri: expect.stringContaining(`${name}_function`),
      timeout_milliseconds: 29_000,
    });
    const permission = find(resources, 'aws_lambda_permission', `webhook-api/${id}/permission`);
    expect(permission['source_arn']).toMatch(new RegExp(`execution_arn\\}${source.replace('*', '\\*')}$`));
    expect(permission['function_name']).toContain(`${name}_function`);
  });

  it('throttles, logs and traces its stage', () => {
    expect(find(resources, 'aws_api_gateway_stage', 'webhook-api/stage')).toMatchObject({ stage_name: 'prod', xray_tracing_enabled: true });
    expect(find(resources, 'aws_api_gateway_method_settings', 'webhook-api/method-settings')).toMatchObject({
      method_path: '*/*',
      settings: {
        throttling_rate_limit: 1000,
        throttling_burst_limit: 2000,
        logging_level: 'INFO',
        data_trace_enabled: false,
        metrics_enabled: true,
      },
    });
  });

  it.each([
    ['default-4xx', 'DEFAULT_4XX', undefined, '$context.error.messageString'],
    ['default-5xx', 'DEFAULT_5XX', undefined, '$context.error.messageString'],
    ['missing-authentication-token', 'MISSING_AUTHENTICATION_TOKEN', '404', '"Not found"'],
    ['request-too-large', 'REQUEST_TOO_LARGE', undefined, '"Body too large"'],
    ['throttled', 'THROTTLED', undefined, '"Too many requests"'],
    ['waf-filtered', 'WAF_FILTERED', undefined, '"Forbidden"'],
  ])('answers %s itself in JSON with the id of the request', (id, type, status, error) => {
    const response = find(resources, 'aws_api_gateway_gateway_response', `webhook-api/answers/${id}`);
    expect(response).toMatchObject({
      response_type: type,
      response_templates: { 'application/json': `{"error":${error},"requestId":"$context.requestId"}` },
    });
    expect(response['status_code']).toBe(status);
  });

  it('tells whom it throttles when to come back', () => {
    expect(find(resources, 'aws_api_gateway_gateway_response', 'webhook-api/answers/throttled')['response_parameters']).toEqual({
      'gatewayresponse.header.Retry-After': "'1'",
    });
  });

  it('deploys its answers with its routes', () => {
    const { depends_on: first } = find(resources, 'aws_api_gateway_deployment', 'webhook-api/deployment');
    const answers = resources.filter(({ type }) => type === 'aws_api_gateway_gateway_response').map(({ address }) => address);
    expect(first).toEqual(expect.arrayContaining(answers));
  });

  it('makes a new deployment before it removes the old one, and the same hash for the same routes', () => {
    const deployment = (all: typeof resources) => find(all, 'aws_api_gateway_deployment', 'webhook-api/deployment');
    expect(deployment(resources)['lifecycle']).toEqual({ create_before_destroy: true });
    expect(at(deployment(resources), 'triggers', 'redeployment')).toMatch(/^[0-9a-f]{64}$/);
    expect(deployment(prod)['triggers']).toEqual(deployment(resources)['triggers']);
  });

  it('can leave the account role to another stack', () => {
    const { resources: guest } = synthesize({ ...environmentFrom('dev'), apiGatewayAccountRole: false });
    expect(guest.filter(({ type }) => type === 'aws_api_gateway_account')).toEqual([]);
    expect(resources.filter(({ type }) => type === 'aws_api_gateway_account')).toHaveLength(1);
  });

  it('opens the health URL to anybody in dev and to signed callers only in prod', () => {
    expect(find(resources, 'aws_lambda_function_url', 'health-check/url')['authorization_type']).toBe('NONE');
    expect(find(resources, 'aws_lambda_permission', 'health-check/public-invoke')).toMatchObject({
      principal: '*',
      action: 'lambda:InvokeFunction',
    });
    expect(find(prod, 'aws_lambda_function_url', 'health-check/url')['authorization_type']).toBe('AWS_IAM');
    expect(prod.filter(({ path }) => path === 'health-check/public-invoke')).toEqual([]);
  });
});

describe('outputs', () => {
  it('say where to post, what to look at and whom to ask', () => {
    const names = ['ApiUrl', 'HealthCheckUrl', 'PaymentTableName', 'EventBusName', 'ArchiveBucketName', 'AlertTopicArn', 'DashboardUrl'];
    const urls = ['WebhookUrlStripe', 'WebhookUrlPaypal', 'WebhookUrlSquare', 'WebhookUrlGeneric'];
    expect(Object.keys(pipeline.output ?? {}).sort()).toEqual([...names, ...urls].sort());
    expect(pipeline.output?.['WebhookUrlStripe']?.value).toMatch(/invoke_url\}\/webhook\/stripe$/);
  });
});

describe('the network', () => {
  const vpcConfig = (all = resources) => at(lambda('webhook-receiver', all), 'vpc_config');

  it('holds every function in its private subnets', () => {
    for (const name of functionsOf(environmentFrom('dev'))) expect(at(lambda(name), 'vpc_config')).toEqual(vpcConfig());
    expect(at(vpcConfig(), 'subnet_ids')).toEqual([
      expect.stringMatching(/private-subnet-1_\w+\.id/),
      expect.stringMatching(/private-subnet-2_\w+\.id/),
    ]);
    expect(at(vpcConfig(), 'security_group_ids')).toEqual([expect.stringContaining('function-security-group')]);
  });

  it("lets Lambda attach a function, and keeps the function's code from using that right", () => {
    const deny = statementsOf(resources).find(({ place }) => place === 'event-relay/policy#NotByTheCode')?.statement;
    expect(deny).toMatchObject({ Effect: 'Deny', Resource: ['*'] });
    expect(deny?.Action).toEqual(permissionsOf('event-relay')['AttachToNetwork']?.actions);
    expect(at(deny?.Condition, 'ArnEquals', 'lambda:SourceFunctionArn')).toMatch(/^arn:aws:lambda:.*:function:event-relay-dev$/);
  });

  it('has a NAT gateway per zone and flow logs in production', () => {
    const count = (type: string, all: typeof resources) => all.filter((resource) => resource.type === type).length;
    expect([count('aws_nat_gateway', resources), count('aws_flow_log', resources)]).toEqual([1, 0]);
    expect([count('aws_nat_gateway', prod), count('aws_flow_log', prod)]).toEqual([2, 1]);
  });
});

describe('the edge', () => {
  const dev = environmentFrom('dev');

  it('has no web ACL, and no alarm about one, where the environment has none', () => {
    const { webAcl, ...withoutWebAcl } = dev;
    expect(webAcl).toBeDefined();
    const { resources: bare } = synthesize(withoutWebAcl);
    expect(bare.filter(({ type }) => type.startsWith('aws_wafv2'))).toEqual([]);
    expect(JSON.stringify(bare)).not.toContain('AWS/WAFV2');
  });

  it('trusts the ranges that the environment names', () => {
    const sets = (all: typeof resources) => all.filter(({ type }) => type === 'aws_wafv2_ip_set').map(({ path }) => path);
    expect(new Set(sets(resources))).toEqual(new Set(['edge/web-acl/stripe', 'edge/web-acl/square', 'edge/web-acl/square-sandbox']));
    expect(new Set(sets(prod))).toEqual(new Set(['edge/web-acl/stripe', 'edge/web-acl/square']));
  });

  it('tells providers the custom domain where there is one, and people where to point it', () => {
    const certificateArn = 'arn:aws:acm:ap-southeast-1:123456789012:certificate/0d1c5a6e-8a6e-4a57-9f0e-8f0f8b3f1c11';
    const named = synthesize({ ...dev, customDomain: { domainName: 'webhooks.example.com', certificateArn } });
    expect(named.pipeline.output?.['WebhookUrlSquare']?.value).toBe('https://webhooks.example.com/webhook/square');
    expect(named.pipeline.output?.['CustomDomainTarget']?.value).toMatch(/regional_domain_name\}$/);
  });
});

describe('alarms', () => {
  it('ring when a provider is silent that the environment watches', () => {
    const alarm = find(
      synthesize({ ...environmentFrom('dev'), silentAfterHours: { stripe: 6 } }).resources,
      'aws_cloudwatch_metric_alarm',
      'observability/alarms/provider-silent-stripe',
    );
    expect(alarm).toMatchObject({
      alarm_name: 'payment-webhooks-dev-provider-silent-stripe',
      evaluation_periods: 6,
      datapoints_to_alarm: 6,
      metric_query: [
        { expression: 'FILL(m1, 0)' },
        { metric: { period: 3600, dimensions: { service: 'webhook-receiver-dev', provider: 'stripe' } } },
      ],
    });
  });

  it('show on the dashboard what API Gateway throttles, counted from the access log', () => {
    const filter = find(resources, 'aws_cloudwatch_log_metric_filter', 'webhook-api/logging/throttled');
    expect(filter).toMatchObject({
      pattern: '{ $.status = "429" }',
      metric_transformation: { namespace: 'PaymentWebhooks/dev', name: 'ThrottledRequests', value: '1' },
    });
    const board = String(find(resources, 'aws_cloudwatch_dashboard', 'observability/dashboard/dashboard')['dashboard_body']);
    expect(board).toContain('["PaymentWebhooks/dev","ThrottledRequests",{"stat":"Sum"');
    expect(board).toContain('"Rule","rate-limit"');
  });

  it('count what the audit logger writes about tampering', () => {
    const filter = find(resources, 'aws_cloudwatch_log_metric_filter', 'observability/tampering/metric-filter');
    expect(filter['log_group_name']).toBe(find(resources, 'aws_cloudwatch_log_group', 'audit-logger/log-group')['name']);
    expect(filter['depends_on']).toEqual([expect.stringContaining('aws_iam_role_policy.audit-logger_policy')]);
  });
});
