import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  ListConnectionsCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestAws, type TestAws } from '../test-aws';

interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let test: TestAws;
let server: Server;
let endpoint: string;
let posted: Posted[];
/** What the endpoint answers, first to last; then 200. */
let answers: { readonly status: number; readonly headers?: Record<string, string> }[];
let bus: string;
let deadLettersUrl: string;
let names = 0;

beforeAll(async () => {
  test = await startTestAws();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posted.push({ headers: request.headers, body });
      const { status, headers = {} } = answers.shift() ?? { status: 200 };
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/events`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await test.close();
});

beforeEach(() => {
  posted = [];
  answers = [];
});

async function subscribe({ url = endpoint, rate = 100, attempts = 3 } = {}): Promise<string> {
  const name = `n${(names += 1)}`;
  bus = name;
  await test.events.send(new CreateEventBusCommand({ Name: bus }));
  const { QueueUrl = '' } = await test.sqs.send(new CreateQueueCommand({ QueueName: name }));
  deadLettersUrl = QueueUrl;
  const { ConnectionArn } = await test.events.send(
    new CreateConnectionCommand({
      Name: name,
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'placeholder' } },
    }),
  );
  const { ApiDestinationArn } = await test.events.send(
    new CreateApiDestinationCommand({
      Name: name,
      ConnectionArn,
      InvocationEndpoint: url,
      HttpMethod: 'POST',
      InvocationRateLimitPerSecond: rate,
    }),
  );
  await test.events.send(new PutRuleCommand({ Name: name, EventBusName: bus, EventPattern: '{"source":["payment.processor"]}' }));
  const target = {
    Id: 't',
    Arn: ApiDestinationArn,
    RetryPolicy: { MaximumRetryAttempts: attempts },
    DeadLetterConfig: { Arn: `arn:aws:sqs:ap-southeast-1:123456789012:${name}` },
  };
  await test.events.send(new PutTargetsCommand({ Rule: name, EventBusName: bus, Targets: [target] }));
  return name;
}

async function publish(count = 1): Promise<void> {
  const entry = { EventBusName: bus, Source: 'payment.processor', DetailType: 'Payment Processed', Detail: '{"eventId":"evt_1"}' };
  await test.events.send(new PutEventsCommand({ Entries: Array.from({ length: count }, () => entry) }));
}

/** Deliveries are real requests, while the clock of the embedded AWS stands still. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 300) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function deadLetters() {
  const command = new ReceiveMessageCommand({ QueueUrl: deadLettersUrl, MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
  return (await test.sqs.send(command)).Messages ?? [];
}

describe('an API destination', () => {
  it('gets the event as it is on the bus, with the secret of its connection', async () => {
    await subscribe();
    await publish();
    await until(() => posted.length === 1);
    expect(posted[0]?.headers).toMatchObject({ 'x-key': 'placeholder', 'content-type': 'application/json; charset=utf-8' });
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({ source: 'payment.processor', detail: { eventId: 'evt_1' } });
  });

  it('is sent the secret that was set last, and never shows it', async () => {
    const Name = await subscribe();
    const AuthParameters = { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'the secret' } };
    await test.events.send(new UpdateConnectionCommand({ Name, AuthParameters, Description: 'authorized' }));
    await publish();
    await until(() => posted.length === 1);
    expect(posted[0]?.headers['x-key']).toBe('the secret');
    const described = await test.events.send(new DescribeConnectionCommand({ Name }));
    expect(described).toMatchObject({ ConnectionState: 'AUTHORIZED', Description: 'authorized' });
    expect(described.AuthParameters).toEqual({ ApiKeyAuthParameters: { ApiKeyName: 'X-Key' } });
    const { Connections = [] } = await test.events.send(new ListConnectionsCommand({ NamePrefix: Name }));
    expect(Connections.map((one) => one.Name)).toContain(Name);
    expect(await test.events.send(new DescribeApiDestinationCommand({ Name }))).toMatchObject({ InvocationEndpoint: endpoint });
  });

  it.each([401, 409, 429, 500, 503])('is tried again after an answer %i', async (status) => {
    await subscribe();
    answers = [{ status }];
    await publish();
    await until(() => posted.length === 1);
    await until(() => {
      test.clock.advance(1000);
      return posted.length === 2;
    });
    expect(await deadLetters()).toEqual([]);
  });

  it('is left alone for as long as it asks', async () => {
    await subscribe();
    answers = [{ status: 429, headers: { 'retry-after': '120' } }];
    await publish();
    await until(() => posted.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    test.clock.advance(119_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(posted).toHaveLength(1);
    test.clock.advance(1000);
    await until(() => posted.length === 2);
  });

  it.each([301, 400, 403, 404])('is given up at once after an answer %i', async (status) => {
    await subscribe();
    answers = [{ status }];
    await publish();
    await until(async () => (await deadLetters()).length === 1);
    const [letter] = await deadLetters();
    expect(letter?.MessageAttributes?.['ERROR_MESSAGE']?.StringValue).toMatch(new RegExp(`status code ${status}$`));
    expect(posted).toHaveLength(1);
  });

  it('that cannot be reached is tried as often as its target says, and then the event is a dead letter', async () => {
    await subscribe({ url: 'http://127.0.0.1:9/nobody', attempts: 2 });
    await publish();
    await until(async () => {
      test.clock.advance(2000);
      return (await deadLetters()).length === 1;
    });
    const [letter] = await deadLetters();
    expect(letter?.MessageAttributes).toMatchObject({
      RETRY_ATTEMPTS: { StringValue: '2' },
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
    });
    expect(letter?.Body).toContain('evt_1');
  });

  it('gets no more in a second than its rate; the others wait and are not lost', async () => {
    await subscribe({ rate: 2, attempts: 0 });
    await publish(5);
    await until(() => posted.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(posted).toHaveLength(2);
    test.clock.advance(500);
    await until(() => posted.length === 3);
    test.clock.advance(1000);
    await until(() => posted.length === 5);
    expect(await deadLetters()).toEqual([]);
  });

  it('has a connection that exists, and a secret in a header', async () => {
    const missing = { Name: 'x', ConnectionArn: 'arn:x', InvocationEndpoint: endpoint, HttpMethod: 'POST' } as const;
    await expect(test.events.send(new CreateApiDestinationCommand(missing))).rejects.toThrow('Connection arn:x does not exist.');
    await expect(test.events.send(new DescribeConnectionCommand({ Name: 'none' }))).rejects.toThrow('Connection none does not exist.');
    await expect(test.events.send(new DescribeApiDestinationCommand({ Name: 'none' }))).rejects.toThrow(
      'ApiDestination none does not exist.',
    );
    const Name = await subscribe();
    const again = {
      Name,
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'a', ApiKeyValue: 'b' } },
    } as const;
    await expect(test.events.send(new CreateConnectionCommand(again))).rejects.toThrow('already exists');
  });
});
