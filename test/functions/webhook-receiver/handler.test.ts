import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type * as Handler from '../../../functions/webhook-receiver/handler';
import type { HttpEvent } from '../../../functions/shared/runtime/http';
import { awsError, startAwsStub } from '../../support/aws-stub';
import type { AwsStub } from '../../support/aws-stub';
import { genericBody, genericSecret } from '../../support/receiving';
import { paypalChain, signOwnHeader, signPaypal } from '../../support/signers';

const variables = {
  PAYMENT_TABLE_NAME: 'payment-events-dev',
  ARCHIVE_BUCKET_NAME: 'archive',
  SECRET_NAME_PREFIX: 'payment-webhooks/dev',
  ENABLED_PROVIDERS: 'generic,paypal',
  MAX_BODY_BYTES: '1048576',
  EVENT_RETENTION_DAYS: '90',
  MAX_ATTEMPTS: '1',
  REQUEST_TIMEOUT_MS: '2000',
};

let aws: AwsStub;
let certificates: Server;
beforeAll(async () => {
  aws = await startAwsStub();
  certificates = createServer((_, response) => response.end(paypalChain().pem)).listen(0, '127.0.0.1');
  await new Promise((resolve) => certificates.once('listening', resolve));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(async () => {
  jest.restoreAllMocks();
  certificates.close();
  await aws.close();
});
beforeEach(() => {
  aws.reset();
  aws.on('GetSecretValue', (call) => ({
    json: {
      SecretString:
        call.input['SecretId'] === 'payment-webhooks/dev/generic'
          ? genericSecret
          : '{"webhookIds":["WEBHOOK_ONE"],"environment":"sandbox"}',
    },
  }));
});

let running: ReturnType<typeof start> | undefined;

/** The handler of one process that has all it needs; its caches are warm. */
function started(): ReturnType<typeof start> {
  running ??= start();
  return running;
}

/** The handler of a new process with these variables. */
function start(environment: Readonly<Record<string, string | undefined>> = {}) {
  jest.resetModules();
  for (const [name, value] of Object.entries({ ...variables, PAYPAL_LOCAL_TRUST: undefined, ...environment })) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  const { handler } = jest.requireActual<typeof Handler>('../../../functions/webhook-receiver/handler');
  return async (event: HttpEvent) => {
    const { statusCode, headers, body } = await handler(event);
    expect(headers['content-type']).toBe('application/json');
    const json: unknown = JSON.parse(body);
    expect(json).toMatchObject({ requestId: 'request-1' });
    return { statusCode, headers, json };
  };
}

function eventOf(request: { headers: Readonly<Record<string, readonly string[]>>; body: Uint8Array }, provider?: string): HttpEvent {
  return {
    multiValueHeaders: Object.fromEntries(Object.entries(request.headers).map(([name, values]) => [name.toUpperCase(), values])),
    body: Buffer.from(request.body).toString('base64'),
    isBase64Encoded: true,
    pathParameters: provider === undefined ? null : { provider },
    requestContext: { requestId: 'request-1' },
  };
}

const genuine = () => signOwnHeader(genericBody(), 'generic-secret');

describe('POST /webhook', () => {
  it('stores a genuine webhook and says so', async () => {
    process.env['_X_AMZN_TRACE_ID'] = 'Root=1-a';
    const receive = started();
    expect(await receive(eventOf(genuine()))).toMatchObject({
      statusCode: 200,
      json: { message: 'Webhook received', paymentId: 'generic:p-1', eventId: 'e-1', duplicate: false, requestId: 'request-1' },
    });
    Reflect.deleteProperty(process.env, '_X_AMZN_TRACE_ID');
    expect(aws.inputs('PutItem')).toMatchObject([
      { TableName: 'payment-events-dev', Item: { traceHeader: { S: 'Root=1-a' }, correlationId: { S: 'request-1' } } },
    ]);
  });

  it('says `duplicate` when the row was there', async () => {
    const receive = started();
    await receive(eventOf(genuine(), 'generic'));
    const item: unknown = Object.assign({}, aws.inputs('PutItem')[0]?.['Item'], { correlationId: { S: 'an-earlier-request' } });
    aws.on('PutItem', awsError('ConditionalCheckFailedException', 400, { Item: item }));
    expect(await receive(eventOf(genuine(), 'generic'))).toMatchObject({ statusCode: 200, json: { duplicate: true } });
  });

  it.each([
    ['a forged signature', signOwnHeader(genericBody(), 'guess'), 'generic', 401, 'Invalid signature'],
    ['an unknown provider', genuine(), 'nobody', 404, 'Unknown provider'],
    ['a provider that is not enabled', genuine(), 'stripe', 404, 'Unknown provider'],
    ['no body', { ...genuine(), body: Buffer.alloc(0) }, 'generic', 400, 'Body is missing'],
    ['a large body', { ...genuine(), body: Buffer.alloc(1_048_577) }, 'generic', 413, 'Body too large'],
    ['no object', signOwnHeader('[]', 'generic-secret'), 'generic', 400, 'Body is not a JSON object'],
  ])('refuses %s', async (_, request, provider, statusCode, error) => {
    const receive = started();
    expect(await receive(eventOf(request, provider))).toMatchObject({ statusCode, json: { error, requestId: 'request-1' } });
    expect(aws.inputs('PutItem')).toEqual([]);
  });

  it.each([
    ['the table throttles', 'PutItem', awsError('ThrottlingException'), 503],
    ['the table does not answer in time', 'PutItem', { hang: 'head' } as const, 503],
    ['the secret was never set', 'GetSecretValue', awsError('ResourceNotFoundException'), 503],
    ['the secret is nonsense', 'GetSecretValue', { json: { SecretString: 'nonsense' } }, 503],
    ['the secret may not be read', 'GetSecretValue', awsError('AccessDeniedException'), 503],
    ['we write a bad request', 'PutItem', awsError('ValidationException'), 500],
  ])('asks the sender to try again when %s', async (_, operation, reply, statusCode) => {
    const receive = start({ REQUEST_TIMEOUT_MS: '300' });
    aws.on(operation, reply);
    const answer = await receive(eventOf(genuine()));
    expect(answer.statusCode).toBe(statusCode);
    expect(answer.headers['retry-after']).toBe(statusCode === 503 ? '30' : undefined);
    expect(answer.json).toEqual({ error: statusCode === 503 ? 'Service unavailable' : 'Internal error', requestId: 'request-1' });
  });

  it('answers a fault for a provider that nobody knows too', async () => {
    const receive = started();
    expect(await receive({ ...eventOf(genuine()), pathParameters: {}, body: null })).toMatchObject({ statusCode: 400 });
  });
});

describe('PayPal in the local run', () => {
  const request = () => signPaypal('{"id":"WH-1","event_type":"X"}', Date.now(), { webhookId: 'WEBHOOK_ONE', leaf: paypalChain().leaf });
  const trust = () => {
    const address = certificates.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return JSON.stringify({ rootPem: paypalChain().root.pem, certificateOrigin: `http://127.0.0.1:${port}` });
  };

  it('accepts a development certificate where the trust is set', async () => {
    const receive = start({ PAYPAL_LOCAL_TRUST: trust() });
    expect(await receive(eventOf(request(), 'paypal'))).toMatchObject({ statusCode: 200 });
  });

  it('still refuses a certificate URL that is not allowed', async () => {
    const receive = start({ PAYPAL_LOCAL_TRUST: trust() });
    const foreign = signPaypal('{}', Date.now(), {
      webhookId: 'WEBHOOK_ONE',
      leaf: paypalChain().leaf,
      certificateUrl: 'https://evil.example/x',
    });
    expect(await receive(eventOf(foreign, 'paypal'))).toMatchObject({ statusCode: 401 });
  });

  it('does not start with the trust of another origin', () => {
    const foreign = JSON.stringify({ rootPem: paypalChain().root.pem, certificateOrigin: 'https://evil.example' });
    expect(() => start({ PAYPAL_LOCAL_TRUST: foreign })).toThrow('certificateOrigin must be a loopback address');
  });
});

describe('a process that is not set up', () => {
  it('does not start, and names every variable that is missing', () => {
    const starting = () => start({ PAYMENT_TABLE_NAME: undefined, MAX_ATTEMPTS: undefined });
    expect(starting).toThrow('Missing environment variables: PAYMENT_TABLE_NAME, MAX_ATTEMPTS');
  });

  it.each([
    [{ ENABLED_PROVIDERS: 'generic,strpe' }, 'unknown strpe'],
    [{ MAX_BODY_BYTES: '1MB' }, 'MAX_BODY_BYTES must be a whole number'],
    [{ REQUEST_TIMEOUT_MS: '0' }, 'REQUEST_TIMEOUT_MS must be a whole number'],
  ])('does not start with %j', (environment, message) => {
    expect(() => start(environment)).toThrow(message);
  });
});
