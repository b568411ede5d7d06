import { GetRestApisCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { DeleteAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import { DisableRuleCommand, EnableRuleCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  DeleteFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { DisassociateWebACLCommand, GetIPSetCommand, ListIPSetsCommand, UpdateIPSetCommand } from '@aws-sdk/client-wafv2';
import * as v from 'valibot';
import { operatorClients, type OperatorClients } from '../../scripts/ops/operator-clients';
import { apiStageName, namesOf, type Names } from '../../stacks/naming';
import type { OpsPlace } from './ops-commands';

const policySchema = v.looseObject({ Statement: v.array(v.looseObject({ Sid: v.string() })) });

/** What somebody does in the console. */
interface Hand {
  readonly operator: OperatorClients;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly names: Names;
  readonly region: string;
  readonly lockTable: string;
  readonly stateBucket: string;
}

/** One thing that is broken by hand, the check that has to find it, and its words. */
interface Breakage {
  readonly check: string;
  readonly message: RegExp;
  readonly by: (hand: Hand) => Promise<unknown>;
  /** What the doctor advises, where a deploy does not mend it. */
  readonly mend?: (hand: Hand) => Promise<unknown>;
}

/** Clients that reach the applied resources. */
export function handOn(place: OpsPlace, accountId: string, state: Pick<Hand, 'lockTable' | 'stateBucket'>): Hand & { close(): void } {
  const config = {
    region: place.region,
    endpoint: place.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
  const clients = {
    dynamodb: new DynamoDBClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
  };
  const operator = operatorClients(config);
  return {
    ...clients,
    ...state,
    operator,
    names: namesOf(place.suffix, accountId),
    region: place.region,
    close: () => {
      for (const client of [...Object.values(clients), ...Object.values(operator)]) client.destroy();
    },
  };
}

/** Each is found by the doctor; a deploy, or the command that it advises, mends it. */
export const breakages: readonly Breakage[] = [
  {
    check: 'key-policy',
    message: /^AlarmsToOperationsTopic is missing: CloudWatch may not use the key/,
    by: async ({ operator: { kms }, names }) => {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: names.keyAlias }));
      const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, PolicyName: 'default' }));
      const policy = v.parse(policySchema, JSON.parse(Policy));
      const without = { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== 'AlarmsToOperationsTopic') };
      await kms.send(new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, PolicyName: 'default', Policy: JSON.stringify(without) }));
    },
  },
  {
    check: 'table-recovery',
    message: /^point-in-time recovery of payment-events-dev is off/,
    by: ({ dynamodb, names }) =>
      dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName: names.table,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        }),
      ),
  },
  {
    check: 'bucket-versioning',
    message: /^webhook-archive-dev-\d+ keeps no former versions/,
    by: ({ s3, names }) =>
      s3.send(new PutBucketVersioningCommand({ Bucket: names.archiveBucket, VersioningConfiguration: { Status: 'Suspended' } })),
  },
  {
    check: 'alarm-missing',
    message: /^there is no alarm payment-webhooks-dev-tampering$/,
    by: ({ operator, names }) => operator.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [`${names.alarmPrefix}-tampering`] })),
  },
  {
    check: 'log-retention',
    message: /^\/aws\/lambda\/webhook-receiver-dev keeps its lines 1 days, not 30 days$/,
    by: ({ operator, names }) =>
      operator.logs.send(new PutRetentionPolicyCommand({ logGroupName: names.functionLog('webhook-receiver'), retentionInDays: 1 })),
  },
  {
    check: 'event-rules',
    message: /^the rule payment-dispute-dev is disabled/,
    by: ({ operator, names }) => operator.events.send(new DisableRuleCommand({ Name: names.ofRule('dispute'), EventBusName: names.bus })),
    mend: ({ operator, names }) => operator.events.send(new EnableRuleCommand({ Name: names.ofRule('dispute'), EventBusName: names.bus })),
  },
  {
    check: 'parameter',
    message: /^the settings in \/payment-webhook\/dev\/config are not valid/,
    by: ({ operator, names }) =>
      operator.ssm.send(new PutParameterCommand({ Name: names.configParameter, Value: '{"highValueThresholds":"ten"}', Overwrite: true })),
  },
  {
    check: 'function-settings',
    message: /^event-relay-dev is not as synthesized: its timeout is 3 s/,
    by: ({ operator, names }) =>
      operator.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: names.ofFunction('event-relay'), Timeout: 3 })),
  },
  {
    check: 'reserved-concurrency',
    message: /^health-check-dev may not run at all/,
    by: ({ operator, names }) =>
      operator.lambda.send(
        new PutFunctionConcurrencyCommand({ FunctionName: names.ofFunction('health-check'), ReservedConcurrentExecutions: 0 }),
      ),
    mend: ({ operator, names }) =>
      operator.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: names.ofFunction('health-check') })),
  },
  {
    check: 'trusted-ranges-deployed',
    message: /^payment-webhooks-dev-square is not as synthesized: 34\.202\.99\.168\/32, 54\.245\.1\.154\/32 would be rate limited/,
    by: async ({ operator: { wafv2 }, names }) => {
      const { IPSets = [] } = await wafv2.send(new ListIPSetsCommand({ Scope: 'REGIONAL' }));
      const set = {
        Scope: 'REGIONAL',
        Name: `${names.webAcl}-square`,
        Id: IPSets.find(({ Name }) => Name === `${names.webAcl}-square`)?.Id,
      } as const;
      const { LockToken } = await wafv2.send(new GetIPSetCommand(set));
      await wafv2.send(new UpdateIPSetCommand({ ...set, LockToken, Addresses: ['9.9.9.9/32'] }));
    },
  },
  {
    check: 'web-acl-associated',
    message: /^no web ACL stands in front of the API/,
    by: async (hand) => {
      const ResourceArn = `arn:aws:apigateway:${hand.region}::/restapis/${await apiId(hand)}/stages/${apiStageName}`;
      await hand.operator.wafv2.send(new DisassociateWebACLCommand({ ResourceArn }));
    },
  },
  {
    check: 'stage-throttle',
    message: /^the stage is throttled at 1 a second/,
    by: async (hand) =>
      hand.operator.apiGateway.send(
        new UpdateStageCommand({
          restApiId: await apiId(hand),
          stageName: apiStageName,
          patchOperations: [{ op: 'replace', path: '/*/*/throttling/rateLimit', value: '1' }],
        }),
      ),
  },
  {
    check: 'dead-letters',
    message: /^1 in audit: changed, not in the audit trail$/,
    by: async ({ sqs, names }) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: names.auditDeadLetters }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"reason":"by hand"}' }));
    },
    mend: async ({ sqs, names }) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: names.auditDeadLetters }));
      await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    },
  },
  {
    check: 'state-lock',
    message: /^ann@laptop has locked the state payment-webhooks-dev\.tfstate for 2 h \(OperationTypeApply\)$/,
    by: ({ dynamodb, lockTable, stateBucket }) => {
      const info = {
        ID: 'lock-1',
        Who: 'ann@laptop',
        Operation: 'OperationTypeApply',
        Created: new Date(Date.now() - 7_200_000).toISOString(),
      };
      const Item = { LockID: { S: `${stateBucket}/payment-webhooks-dev.tfstate` }, Info: { S: JSON.stringify(info) } };
      return dynamodb.send(new PutItemCommand({ TableName: lockTable, Item }));
    },
    mend: ({ dynamodb, lockTable, stateBucket }) => {
      const Key = { LockID: { S: `${stateBucket}/payment-webhooks-dev.tfstate` } };
      return dynamodb.send(new DeleteItemCommand({ TableName: lockTable, Key }));
    },
  },
];

async function apiId({ operator, names }: Hand): Promise<string> {
  const { items = [] } = await operator.apiGateway.send(new GetRestApisCommand({}));
  const id = items.find(({ name }) => name === names.api)?.id;
  if (id === undefined) throw new Error(`there is no API ${names.api}`);
  return id;
}
