import { observeCalls } from './call-observer';
import { type Clock, systemClock } from './clock';
import { createDynamoDb } from './dynamodb/dynamodb';
import { createEvents } from './events/events';
import { createFaults, type Faults } from './faults';
import { listen } from './http-server';
import { createLogs } from './logs';
import { type AwsEvents, createObservers, type Observers } from './observers';
import { createRouter } from './router';
import { createS3 } from './s3/s3';
import { createSecretsManager } from './secrets-manager';
import type { Account } from './service';
import { createSns } from './sns/sns';
import { createQueues } from './sqs/queues';
import { createSqs } from './sqs/sqs';
import { createSsm } from './ssm';
import { createSts } from './sts';

/** Where and as whom the embedded AWS runs. */
export interface EmbeddedAwsOptions {
  /** Any free one by default. */
  port?: number;
  /** 123456789012 by default. */
  accountId?: string;
  /** ap-southeast-1 by default. */
  region?: string;
  /** The machine's by default. */
  clock?: Clock;
  /** Milliseconds that a long poll of an empty queue waits at most, whatever it asks for; SQS's own 20 seconds by default. */
  longestPollMs?: number;
}

/** The depth of a queue as CloudWatch would show it. */
export interface QueueDepth {
  name: string;
  arn: string;
  visible: number;
  delayed: number;
  inFlight: number;
  oldestAgeSeconds: number;
}

/** An AWS of its own in this process, in memory, on one port of 127.0.0.1. */
export interface EmbeddedAws {
  /** `http://127.0.0.1:<port>`: what AWS_ENDPOINT_URL is to be. */
  endpoint: string;
  port: number;
  accountId: string;
  region: string;
  /** Typed callbacks for what happens inside. */
  on: Observers['on'];
  /** Things that go wrong on purpose. */
  faults: Faults;
  /** Calls and parameters that were asked for and are not known here. */
  unknownCalls: readonly AwsEvents['unknown-call'][];
  queueDepths(): QueueDepth[];
  close(): Promise<void>;
}

/** Starts it: nothing exists but the default event bus. */
export async function startEmbeddedAws(options: EmbeddedAwsOptions = {}): Promise<EmbeddedAws> {
  const { accountId = '123456789012', region = 'ap-southeast-1', clock = systemClock, longestPollMs = 20_000 } = options;
  const observers = createObservers();
  const faults = createFaults();
  const account: Account = { accountId, region, clock, observers, faults, origin: '' };
  const unknownCalls: AwsEvents['unknown-call'][] = [];
  observers.on('unknown-call', (call) => unknownCalls.push(call));

  const queues = createQueues(account);
  const logs = createLogs(account);
  const dynamodb = createDynamoDb(account);
  const s3 = createS3(account);
  const route = createRouter({
    json: {
      AmazonSQS: createSqs(account, queues, longestPollMs),
      AWSEvents: createEvents(account, queues, logs),
      AmazonSSM: createSsm(account),
      secretsmanager: createSecretsManager(account),
      DynamoDB_20120810: dynamodb.tables,
      DynamoDBStreams_20120810: dynamodb.streams,
      Logs_20140328: logs.service,
    },
    query: { sns: createSns(account, queues), sts: createSts(account) },
    s3: (request) => s3.call(request),
  });
  const { server, port } = await listen(account, observeCalls(route, observers), options.port ?? 0);
  account.origin = `http://127.0.0.1:${port}`;

  return {
    endpoint: account.origin,
    port,
    accountId,
    region,
    on: (name, listener) => observers.on(name, listener),
    faults,
    unknownCalls,
    queueDepths: () => queues.all().map(({ name, arn, queue }) => ({ name, arn, ...queue.depth })),
    async close() {
      queues.close();
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
      server.closeAllConnections();
      await closed;
      await dynamodb.close();
      await s3.close();
    },
  };
}
