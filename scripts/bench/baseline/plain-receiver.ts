/** What a team writes on its first day: verify, then row, object and message, one after the other. It is measured, never deployed. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

interface ProxyEvent {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const sqs = new SQSClient({});
const secretsManager = new SecretsManagerClient({});
let signingSecret: string | undefined;

export async function handler(event: ProxyEvent) {
  signingSecret ??= await readSecret();
  const [, time = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(event.headers['Stripe-Signature'] ?? '') ?? [];
  const expected = createHmac('sha256', signingSecret).update(`${time}.${event.body}`).digest('hex');
  if (signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) {
    return { statusCode: 401, headers: {}, body: '{}' };
  }
  const parsed: unknown = JSON.parse(event.body);
  const id = typeof parsed === 'object' && parsed !== null ? String(Reflect.get(parsed, 'id')) : '';
  await dynamodb.send(
    new PutItemCommand({
      TableName: process.env['PAYMENT_TABLE_NAME'],
      Item: { paymentId: { S: id }, eventKey: { S: `event#${id}` }, body: { S: event.body }, status: { S: 'received' } },
      ConditionExpression: 'attribute_not_exists(paymentId)',
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket: process.env['ARCHIVE_BUCKET_NAME'], Key: `${id}.json`, Body: event.body }));
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env['QUEUE_URL'], MessageBody: event.body }));
  return { statusCode: 200, headers: {}, body: JSON.stringify({ id }) };
}

async function readSecret(): Promise<string> {
  const { SecretString: text = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId: 'payment-webhooks/bench/stripe' }));
  const parsed: unknown = JSON.parse(text);
  const secrets: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'signingSecrets') : undefined;
  return Array.isArray(secrets) ? String(secrets[0]) : '';
}
