import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import type { AwsClients } from '../../scripts/local/aws-clients';
import type { Subscriber } from '../../stacks/subscribers';

/** Queues that a consumer reads: its own, and the one behind its own bus. */
export const consumerQueues = { orders: 'orders-of-the-proof', warehouse: 'warehouse-of-the-proof' } as const;

const warehouseBus = 'warehouse-of-the-proof';
const fraudCheck = 'fraud-check-of-the-proof';

/** What other teams have in the account: a queue, a function and a bus with a queue behind it. Returns them as subscribers, one of each kind. */
export async function makeConsumers(
  clients: AwsClients,
  endpoint: string,
  region: string,
  accountId: string,
): Promise<readonly Subscriber[]> {
  const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${accountId}:${resource}`;
  for (const QueueName of Object.values(consumerQueues)) await clients.sqs.send(new CreateQueueCommand({ QueueName }));
  await clients.events.send(new CreateEventBusCommand({ Name: warehouseBus }));
  const rule = { Name: 'everything', EventBusName: warehouseBus, EventPattern: '{"source":["payment.processor"]}' };
  await clients.events.send(new PutRuleCommand(rule));
  const Targets = [{ Id: 'queue', Arn: arn('sqs', consumerQueues.warehouse) }];
  await clients.events.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName: warehouseBus, Targets }));
  await makeFunction(endpoint, region);
  return [
    { name: 'orders', pattern: { detail: { kind: ['payment.failed'] } }, target: { queueArn: arn('sqs', consumerQueues.orders) } },
    { name: 'fraud-check', pattern: { detail: { valueBand: ['high'] } }, target: { functionArn: arn('lambda', `function:${fraudCheck}`) } },
    {
      name: 'warehouse',
      pattern: { detail: { kind: [{ prefix: 'dispute.' }] } },
      target: { busArn: arn('events', `event-bus/${warehouseBus}`) },
    },
    { name: 'ledger', pattern: { detail: {} }, target: { https: { url: 'https://ledger.example.com/events', header: 'X-Api-Key' } } },
  ];
}

async function makeFunction(endpoint: string, region: string): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const lambda = new LambdaClient({ endpoint, region, credentials });
  const ZipFile = zipSync({ 'index.js': strToU8('exports.handler = async () => undefined;') });
  const settings = { Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile } } as const;
  await lambda.send(new CreateFunctionCommand({ FunctionName: fraudCheck, Role: await makeRole(endpoint), ...settings }));
  lambda.destroy();
}

/** The one call of IAM here, which is not worth a client of its own. */
async function makeRole(endpoint: string): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none' },
    body: new URLSearchParams({ Action: 'CreateRole', Version: '2010-05-08', RoleName: fraudCheck, AssumeRolePolicyDocument: '{}' }),
  });
  const text = await answer.text();
  const [, role] = /<Arn>([^<]+)<\/Arn>/.exec(text) ?? [];
  if (role === undefined) throw new Error(`no role was made: ${text}`);
  return role;
}
