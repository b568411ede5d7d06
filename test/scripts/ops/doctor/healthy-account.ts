import * as v from 'valibot';
import { functionNameOf } from '../../../../scripts/local/pipeline';
import type { Expected } from '../../../../scripts/ops/doctor/expected';
import { functionsOf, namesOf } from '../../../../stacks/naming';
import { accountId, awsFault, certificateArn, now, region, type Answers } from './fake-patient';

const suffix = 'prod';
const names = namesOf(suffix, accountId);
const day = 86_400_000;
const named = v.object({ FunctionName: v.string() });

function nameIn(input: unknown): string {
  return functionNameOf(v.parse(named, input).FunctionName);
}

/** What AWS answers of a production that is as it was synthesized. */
export function healthyAccount(expected: Expected): Answers {
  return {
    ...functionAnswers(expected),
    ...queueAnswers(expected),
    ...peopleAnswers(expected),
    ...edgeAnswers(expected),
    ...dataAnswers(expected),
  };
}

/** How a function is described. */
export function functionAnswer(expected: Expected, name: string, changes: object = {}): object {
  const wanted = expected.functionNamed(name);
  return {
    FunctionName: name,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Runtime: 'nodejs22.x',
    CodeSha256: wanted?.text('source_code_hash'),
    Timeout: wanted?.number('timeout', 3),
    MemorySize: wanted?.number('memory_size', 128),
    Environment: { Variables: wanted?.block('environment', ['variables'])?.map('variables') },
    ...changes,
  };
}

/** How what starts a function is described. */
export function mappingAnswer(expected: Expected, name: string, changes: object = {}): object {
  const wanted = expected.of('aws_lambda_event_source_mapping').find((mapping) => functionNameOf(mapping.text('function_name')) === name);
  if (wanted === undefined) return { EventSourceMappings: [] };
  const concurrency = wanted.block('scaling_config', ['maximum_concurrency'])?.number('maximum_concurrency', 0);
  const mapping = {
    UUID: `uuid-of-${name}`,
    FunctionArn: `arn:aws:lambda:${region}:${accountId}:function:${name}`,
    State: 'Enabled',
    BatchSize: wanted.number('batch_size', 10),
    ...(concurrency !== undefined && { ScalingConfig: { MaximumConcurrency: concurrency } }),
    ParallelizationFactor: wanted.optionalNumber('parallelization_factor'),
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ...changes,
  };
  return { EventSourceMappings: [mapping] };
}

function functionAnswers(expected: Expected): Answers {
  return {
    GetFunctionConfiguration: (input: unknown) => functionAnswer(expected, nameIn(input)),
    GetFunctionConcurrency: { ReservedConcurrentExecutions: 100 },
    GetAccountSettings: { AccountLimit: { ConcurrentExecutions: 1000 } },
    ListEventSourceMappings: (input: unknown) => mappingAnswer(expected, nameIn(input)),
  };
}

/** Attributes of a queue by its name. */
export function queueAttributes(expected: Expected, name: string, changes: Readonly<Record<string, string>> = {}): object {
  const policy = expected.of('aws_sqs_queue_policy').find((one) => one.text('policy').includes(`:${name}"`));
  return {
    Attributes: {
      QueueArn: `arn:aws:sqs:${region}:${accountId}:${name}`,
      ApproximateNumberOfMessages: '0',
      VisibilityTimeout: '1800',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:${region}:${accountId}:${name}-dead-letters`, maxReceiveCount: 5 }),
      Policy: policy?.text('policy') ?? '',
      ...changes,
    },
  };
}

const queueInput = v.object({ QueueUrl: v.string() });

/** The queue that a call is about. */
export function queueIn(input: unknown): string {
  return v.parse(queueInput, input).QueueUrl.split('/').at(-1) ?? '';
}

function queueAnswers(expected: Expected): Answers {
  return {
    GetQueueAttributes: (input: unknown) => queueAttributes(expected, queueIn(input)),
    DescribeRule: { State: 'ENABLED' },
    ListTargetsByRule: { Targets: [{ Id: 'target', DeadLetterConfig: { Arn: 'arn:of-dead-letters' } }] },
  };
}

/** The alarms as they were synthesized. */
export function alarmAnswers(expected: Expected, changes: object = {}): object {
  const operations = `arn:aws:sns:${region}:${accountId}:${names.operationsTopic}`;
  const MetricAlarms = expected.of('aws_cloudwatch_metric_alarm').map((alarm) => ({
    AlarmName: alarm.text('alarm_name'),
    AlarmDescription: alarm.text('alarm_description'),
    ActionsEnabled: true,
    AlarmActions: [operations],
    StateValue: 'OK',
    ...changes,
  }));
  return { MetricAlarms };
}

function peopleAnswers(expected: Expected): Answers {
  const subscription = { Protocol: 'email', Endpoint: 'a@example.com', SubscriptionArn: 'arn:aws:sns:subscription' };
  return { DescribeAlarms: alarmAnswers(expected), ListSubscriptionsByTopic: { Subscriptions: [subscription] } };
}

const setInput = v.object({ Name: v.string() });

/** An IP set by its name. */
export function ipSetAnswer(expected: Expected, input: unknown): object {
  const { Name } = v.parse(setInput, input);
  return {
    IPSet: {
      Name,
      Addresses: expected
        .of('aws_wafv2_ip_set')
        .find((set) => set.text('name') === Name)
        ?.texts('addresses'),
    },
  };
}

function edgeAnswers(expected: Expected): Answers {
  const trusted = ['trusted-stripe', 'trusted-square'].map((Name, Priority) => ({ Name, Priority, Action: { Allow: {} } }));
  return {
    GetRestApis: {
      items: [
        { id: 'other', name: 'other' },
        { id: 'abc123', name: names.api },
      ],
    },
    GetStage: { methodSettings: { '*/*': { throttlingRateLimit: 1000, throttlingBurstLimit: 2000 } } },
    GetDomainName: { domainNameStatus: 'AVAILABLE' },
    DescribeCertificate: { Certificate: { CertificateArn: certificateArn, Status: 'ISSUED', NotAfter: new Date(now + 200 * day) } },
    GetWebACLForResource: {
      WebACL: { Name: names.webAcl, Rules: [...trusted, { Name: 'rate-limit', Priority: 5, Action: { Block: {} } }] },
    },
    ListIPSets: { IPSets: expected.of('aws_wafv2_ip_set').map((set) => ({ Name: set.text('name'), Id: set.text('name') })) },
    GetIPSet: (input: unknown) => ipSetAnswer(expected, input),
  };
}

function dataAnswers(expected: Expected): Answers {
  const [key] = expected.of('aws_kms_key');
  const groups = expected.of('aws_cloudwatch_log_group').flatMap((group) => {
    const logGroupName = group.optionalText('name');
    return logGroupName === undefined
      ? []
      : [{ logGroupName, retentionInDays: group.number('retention_in_days', 0), kmsKeyId: 'arn:of-key' }];
  });
  return {
    DescribeKey: { KeyMetadata: { KeyId: 'key-1', KeyState: 'Enabled', Enabled: true } },
    GetKeyRotationStatus: { KeyRotationEnabled: true },
    GetKeyPolicy: { Policy: key?.text('policy') },
    DescribeTable: {
      Table: { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }, DeletionProtectionEnabled: true },
    },
    DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' } },
    DescribeContinuousBackups: {
      ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' } },
    },
    GetPublicAccessBlock: {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
    GetBucketVersioning: { Status: 'Enabled' },
    GetObjectLockConfiguration: {
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } } },
    },
    GetCallerIdentity: { Account: accountId },
    GetParameter: { Parameter: { Value: JSON.stringify({ highValueThresholds: { default: '10000' } }) } },
    DescribeLogGroups: { logGroups: groups },
    GetItem: {},
    HeadObject: awsFault('NotFound'),
  };
}

/** Every function's name in production. */
export const functionsOfProduction = functionsOf({ alertEndpoints: false }).map((name) => names.ofFunction(name));
