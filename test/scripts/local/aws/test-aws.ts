import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Clock } from '../../../../scripts/local/aws/clock';
import { type EmbeddedAws, startEmbeddedAws } from '../../../../scripts/local/aws/embedded-aws';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(start = Date.UTC(2026, 0, 15, 12)): ManualClock {
  let now = start;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    schedule(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = end;
    },
  };
}

export interface TestAws {
  aws: EmbeddedAws;
  clock: ManualClock;
  sqs: SQSClient;
  sns: SNSClient;
  s3: S3Client;
  events: EventBridgeClient;
  ssm: SSMClient;
  secrets: SecretsManagerClient;
  dynamodb: DynamoDBClient;
  streams: DynamoDBStreamsClient;
  close(): Promise<void>;
}

/** An embedded AWS with a clock that stands still, and real clients, for one test file. */
export async function startTestAws(): Promise<TestAws> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const clock = createManualClock();
  const aws = await startEmbeddedAws({ clock });
  const config = {
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const clients = {
    sqs: new SQSClient(config),
    sns: new SNSClient(config),
    s3: new S3Client(config),
    events: new EventBridgeClient(config),
    ssm: new SSMClient(config),
    secrets: new SecretsManagerClient(config),
    dynamodb: new DynamoDBClient(config),
    streams: new DynamoDBStreamsClient(config),
  };
  return {
    aws,
    clock,
    ...clients,
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await aws.close();
    },
  };
}

/** A signed request by hand, for services whose client is not installed. */
export async function callJson(
  aws: EmbeddedAws,
  target: string,
  input: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260115/${aws.region}/any/aws4_request, SignedHeaders=host, Signature=0`;
  const headers = { authorization, 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
  const response = await fetch(aws.endpoint, { method: 'POST', headers, body: JSON.stringify(input) });
  const body: unknown = await response.json();
  return { status: response.status, body: typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body)) : {} };
}
