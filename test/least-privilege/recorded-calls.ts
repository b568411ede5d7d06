import * as v from 'valibot';
import type { AwsEvents } from '../../scripts/local/aws/observers';
import { accountId, text, type World } from './world';

/** Something that a role has to be allowed to do. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
  /** What needs it: a recorded call, or the page that says that AWS does it in the role's name. */
  readonly because: string;
}

type Call = AwsEvents['call'];

/** IAM's action for each operation of the SDK; they differ in name where a batch or another API does the same. */
const actions: Readonly<Record<string, string>> = {
  'dynamodb:DescribeTable': 'dynamodb:DescribeTable',
  'dynamodb:GetItem': 'dynamodb:GetItem',
  'dynamodb:PutItem': 'dynamodb:PutItem',
  'dynamodb:Query': 'dynamodb:Query',
  'dynamodb:UpdateItem': 'dynamodb:UpdateItem',
  'events:PutEvents': 'events:PutEvents',
  's3:PutObject': 's3:PutObject',
  'secretsmanager:DescribeSecret': 'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue': 'secretsmanager:GetSecretValue',
  'sns:Publish': 'sns:Publish',
  'sqs:GetQueueAttributes': 'sqs:GetQueueAttributes',
  'sqs:SendMessage': 'sqs:SendMessage',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
  'ssm:GetParameter': 'ssm:GetParameter',
};

const input = v.object({
  TableName: v.optional(v.string()),
  IndexName: v.optional(v.string()),
  QueueUrl: v.optional(v.string()),
  TopicArn: v.optional(v.string()),
  Bucket: v.optional(v.string()),
  Key: v.optional(v.unknown()),
  Name: v.optional(v.string()),
  SecretId: v.optional(v.string()),
  Entries: v.optional(v.array(v.looseObject({ EventBusName: v.optional(v.string()) }))),
});

/** What a call needs. Throws for an operation that nobody has looked up in IAM yet. */
export function needsOf(world: World, call: Call): readonly Need[] {
  const operation = `${call.service}:${call.operation}`;
  const action = actions[operation];
  if (action === undefined) throw new Error(`which IAM action does ${operation} need? Add it to the table`);
  return resourcesOf(world, v.parse(input, call.input)).map((resource) => ({ action, resource, because: `the code calls ${operation}` }));
}

function resourcesOf(world: World, called: v.InferOutput<typeof input>): readonly string[] {
  const { TableName, IndexName, QueueUrl, TopicArn, Bucket, Key, Name, SecretId, Entries } = called;
  const arn = (service: string, resource: string) => `arn:aws:${service}:${world.region}:${accountId}:${resource}`;
  if (TableName !== undefined) return [arn('dynamodb', `table/${TableName}${IndexName === undefined ? '' : `/index/${IndexName}`}`)];
  if (QueueUrl !== undefined) return [arn('sqs', QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1))];
  if (TopicArn !== undefined) return [TopicArn];
  if (Bucket !== undefined && typeof Key === 'string') return [`arn:aws:s3:::${Bucket}/${Key}`];
  if (Name !== undefined) return [arn('ssm', `parameter${Name}`)];
  if (SecretId !== undefined) return [secretArn(world, SecretId)];
  const buses = (Entries ?? []).map(({ EventBusName }) => arn('events', `event-bus/${EventBusName ?? 'default'}`));
  if (buses.length === 0) throw new Error(`which resource is meant by ${JSON.stringify(Object.keys(called))}?`);
  return [...new Set(buses)];
}

/** A secret's ARN ends in letters that AWS chooses. */
function secretArn(world: World, name: string): string {
  const secret = world.of('aws_secretsmanager_secret').find((candidate) => text(candidate, 'name') === name);
  if (secret === undefined) throw new Error(`there is no secret ${name}`);
  return text(secret, 'arn');
}

/** Each need once, with the first of its reasons. */
export function distinct(needs: readonly Need[]): readonly Need[] {
  const named = needs.map((need) => [JSON.stringify([need.action, need.resource, need.context]), need] as const);
  return [...new Map(named.toReversed()).values()].toReversed();
}
