import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as Handler from '../../../functions/reconciler/handler';
import { startAwsStub, type AwsStub } from '../../support/aws-stub';
import { apiEvent, keys, ProviderApis } from '../../support/provider-apis';
import { minute, secrets } from './reconciling';

const variables = {
  PAYMENT_TABLE_NAME: 'payment-events-dev',
  ARCHIVE_BUCKET_NAME: 'archive',
  PROCESSING_QUEUE_URL: 'https://sqs.test/1/processing',
  SECRET_NAME_PREFIX: 'payment-webhooks/dev',
  ENABLED_PROVIDERS: 'stripe,paypal,generic',
  EVENT_RETENTION_DAYS: '90',
  RECONCILED_TYPES: '{}',
  MAX_ATTEMPTS: '1',
  REQUEST_TIMEOUT_MS: '2000',
};

let aws: AwsStub;
let apis: ProviderApis;
const lines: string[] = [];
beforeAll(async () => {
  aws = await startAwsStub();
  apis = await ProviderApis.start();
  const collect = (text: unknown) => {
    lines.push(String(text));
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(collect);
  jest.spyOn(process.stderr, 'write').mockImplementation(collect);
  for (const level of ['log', 'info', 'warn', 'error'] as const) jest.spyOn(console, level).mockImplementation(collect);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await Promise.all([aws.close(), apis.close()]);
});
beforeEach(() => {
  aws.reset();
  apis.reset();
  lines.length = 0;
  aws.on('GetSecretValue', ({ input }) => {
    const provider = String(input['SecretId']).split('/').at(-1) ?? '';
    return { json: { SecretString: JSON.stringify(secrets[provider]) } };
  });
});

function start(environment: Readonly<Record<string, string>> = {}) {
  jest.resetModules();
  Object.assign(process.env, variables, { PROVIDER_API_LOCAL_ORIGIN: apis.origin, ...environment });
  return jest.requireActual<typeof Handler>('../../../functions/reconciler/handler').handler;
}

const invocation = (remainingMs = 300_000) => ({ awsRequestId: 'run-1', getRemainingTimeInMillis: () => remainingMs });
const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const byHand = (overrides: object = {}) => ({
  reconcile: {
    provider: 'stripe',
    since: new Date(Date.now() - 60 * minute).toISOString(),
    until: new Date().toISOString(),
    dryRun: false,
    ...overrides,
  },
});

describe('the schedule', () => {
  it('sweeps, and asks the enabled providers that can be asked', async () => {
    apis.events.stripe.push(apiEvent('stripe', 1, Date.now() - 20 * minute).listed);
    expect(await start()(scheduled, invocation())).toEqual({});
    expect(aws.inputs('Query').filter(({ IndexName }) => IndexName === 'PendingIndex')).toHaveLength(16);
    expect(aws.inputs('GetSecretValue').map(({ SecretId }) => SecretId)).toEqual([
      'payment-webhooks/dev/stripe',
      'payment-webhooks/dev/paypal',
    ]);
    expect(aws.inputs('PutItem')).toMatchObject([
      { ConditionExpression: 'attribute_not_exists(paymentId)', Item: { source: { S: 'reconciled' }, correlationId: { S: 'run-1' } } },
    ]);
    const text = lines.join('');
    expect(text).toContain('missed event recovered');
    expect(text).toMatch(/"MissedEvents":1/);
    for (const secret of [keys.stripe.apiKey, keys.paypal.clientSecret, 'token-0']) expect(text).not.toContain(secret);
  });

  it('says of a provider that fails why, and counts it by its reason', async () => {
    apis.answer({ status: 403 }, 99, ({ url }) => url.pathname === '/v1/events');
    await start()(scheduled, invocation());
    const text = lines.join('');
    expect(text).toMatch(/"reason":"credentials_refused"/);
    expect(text).toMatch(/"ReconcileFailed":1/);
    expect(aws.inputs('PutItem')).toEqual([]);
  });

  it('fails as a whole, to be run again, when the table cannot be used', async () => {
    aws.on('UpdateItem', { status: 500, json: { __type: 'InternalServerError' } });
    await expect(start()(scheduled, invocation())).rejects.toMatchObject({ reason: 'store_unavailable' });
  });

  it('asks for nothing when its time is over', async () => {
    await start()(scheduled, invocation(80_000));
    expect(apis.calls).toEqual([]);
  });
});

describe('a request by hand', () => {
  it('is answered with what was found', async () => {
    apis.events.stripe.push(apiEvent('stripe', 1, Date.now() - 20 * minute).listed);
    expect(await start()(byHand({ dryRun: true }), invocation())).toMatchObject({
      outcome: 'done',
      listed: 1,
      expected: 1,
      missed: 1,
      events: [{ eventId: 'evt_1', kind: 'payment.succeeded' }],
    });
    expect([aws.inputs('PutItem'), aws.inputs('UpdateItem')]).toEqual([[], []]);
    expect(lines.join('')).not.toContain('MissedEvents');
  });

  it('does not ring an alarm for what cannot be asked', async () => {
    expect(await start()(byHand({ provider: 'square' }), invocation())).toMatchObject({ outcome: 'refused' });
    expect(lines.join('')).not.toContain('ReconcileFailed');
  });

  it.each([
    ['nothing', undefined],
    ['another event', { source: 'aws.s3' }],
    ['a time that is none', byHand({ since: 'yesterday' })],
    ['a field too many', byHand({ delete: true })],
    ['no dryRun', { reconcile: { provider: 'stripe' } }],
  ])('is refused with %s, before anything is done', async (_, event) => {
    await expect(start()(event, invocation())).rejects.toThrow("the event is neither the schedule's nor one to reconcile by hand");
    expect(aws.calls).toEqual([]);
  });
});

describe('a process that is not set up', () => {
  it.each([
    [{ RECONCILED_TYPES: '[]' }, 'RECONCILED_TYPES must be JSON with lists of event types by provider'],
    [{ RECONCILED_TYPES: 'x' }, 'RECONCILED_TYPES must be JSON'],
    [{ RECONCILED_TYPES: '{"stripe":[]}' }, 'RECONCILED_TYPES must be JSON'],
    [{ PROVIDER_API_LOCAL_ORIGIN: 'https://evil.example' }, 'PROVIDER_API_LOCAL_ORIGIN must be a loopback address'],
    [{ MAX_ATTEMPTS: '0' }, 'MAX_ATTEMPTS must be a whole number'],
  ])('does not start with %j', (environment, message) => {
    expect(() => start(environment)).toThrow(message);
  });
});
