import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { checks } from '../../../../scripts/ops/doctor/checks';
import { Patient } from '../../../../scripts/ops/doctor/patient';
import { openTarget } from '../../../../scripts/ops/target';
import { OpsStage, ops } from '../ops-stage';
import { awsFault, expectedOf, fakePatient, now, said as saidOf } from './fake-patient';

let stage: OpsStage;

beforeAll(async () => {
  stage = await OpsStage.start();
});

afterAll(async () => {
  await stage.stop();
});

const url = 'https://abc123.execute-api.ap-southeast-1.amazonaws.com/prod/webhook/square';
const good = {
  stripe: { signingSecrets: ['whsec_1'] },
  paypal: { webhookIds: ['1AB23456CD789012E'], environment: 'sandbox' },
  square: { subscriptions: [{ signatureKey: 'key', notificationUrl: url }] },
  generic: { signingSecrets: ['secret'] },
};

/** A pipeline on the embedded AWS, as an environment that is not production; the API is named by a stand-in. */
async function patient(suffix = 'test'): Promise<Patient> {
  const io = {
    root: '/nowhere',
    env: {},
    now: () => now,
    out: () => undefined,
    note: () => undefined,
    input: process.stdin,
    signal: new AbortController().signal,
  };
  const target = await openTarget({ env: 'test', endpoint: stage.aws.endpoint }, io);
  Object.assign(target.operator.apiGateway, { send: () => Promise.resolve({ items: [{ id: 'abc123', name: stage.names.api }] }) });
  const shown = suffix === 'test' ? target : Object.defineProperty(target, 'suffix', { value: suffix });
  return new Patient({
    target: shown,
    expected: { missing: 'nothing' },
    now,
    root: '/nowhere',
    fetchList: () => Promise.reject(new Error('offline')),
    again: ' --env test',
  });
}

async function said(id: string, suffix?: string): Promise<readonly string[]> {
  const one = await patient(suffix);
  try {
    return await saidOf(id, one);
  } finally {
    one.target.close();
  }
}

describe('secret checks on the embedded AWS', () => {
  it('secret-set names each provider without a value, and the command that sets it', async () => {
    const ran = await stage.run(['doctor', '--only', 'secret-set', 'secret-shape']);
    expect([ran.exitCode, ran.notes]).toEqual([1, 'ops: 4 things are wrong']);
    expect(ran.out).toMatch(
      /error +secret-set: the secret of paypal has no value: its webhooks are answered 503\n +mend: npm run ops -- secrets set paypal --environment sandbox --env test --endpoint http/,
    );
    expect(ran.out).toMatch(/4 wrong, 0 to look at, 1 well, 0 skipped$/);
  });

  describe('that are set', () => {
    beforeEach(async () => {
      for (const [provider, value] of Object.entries(good)) await stage.setSecret(provider, value);
    });

    it('are well', async () => {
      for (const id of ['secret-set', 'secret-shape', 'square-url', 'paypal-environment', 'api-key-mode', 'secret-rotation'])
        expect([id, await said(id)]).toEqual([id, ['ok']]);
    });

    it('secret-shape finds one that the receiver cannot use, and shows none of it', async () => {
      await stage.setSecret('stripe', { signingSecret: 'whsec_hidden' });
      await stage.setSecret('generic', 'hidden');
      expect(await said('secret-shape')).toEqual([
        'error: the secret of stripe cannot be used (signingSecrets is missing): its webhooks are answered 503',
        'error: the secret of generic cannot be used (the secret is not JSON): its webhooks are answered 503',
      ]);
    });

    it('square-url finds a URL that is not the deployed one', async () => {
      await stage.setSecret('square', {
        subscriptions: [{ signatureKey: 'key', notificationUrl: 'https://old.example.com/webhook/square' }],
      });
      expect(await said('square-url')).toEqual([
        expect.stringMatching(/^error: the secret says https:\/\/old\.example\.com\/webhook\/square, and deployed is https:\/\/abc123/),
      ]);
    });

    it('paypal-environment finds live payments in a test environment, and the sandbox in production', async () => {
      await stage.setSecret('paypal', { ...good.paypal, environment: 'live' });
      expect(await said('paypal-environment')).toEqual(['error: the secret is of live payments, and test is not production']);
      await stage.setSecret('paypal', good.paypal);
      expect(await said('paypal-environment', 'prod')).toEqual([
        expect.stringMatching(/^error: the secret is of the sandbox, and this is production/),
      ]);
    });

    it('api-key-mode finds a live key in a test environment, and a test key in production, and shows neither', async () => {
      await stage.setSecret('stripe', { ...good.stripe, apiKey: 'rk_live_hidden' });
      await stage.setSecret('square', { ...good.square, accessToken: 'EAAAhidden' });
      const effect = 'missed webhooks are not found, and events of the other mode are recovered';
      expect(await said('api-key-mode')).toEqual([
        `error: the API key of stripe lists live payments, and test is not production: ${effect}`,
        `error: the API key of square lists live payments, and test is not production: ${effect}`,
      ]);
      expect(await said('api-key-mode', 'prod')).toEqual(['ok']);
      await stage.setSecret('stripe', { ...good.stripe, apiKey: 'sk_test_hidden' });
      await stage.setSecret('square', { ...good.square, accessToken: 'EAAAhidden', environment: 'sandbox' });
      expect(await said('api-key-mode')).toEqual(['ok']);
      expect(await said('api-key-mode', 'prod')).toEqual([
        `error: the API key of stripe lists test payments, and prod is production: ${effect}`,
        `error: the API key of square lists test payments, and prod is production: ${effect}`,
      ]);
      await stage.setSecret('stripe', { ...good.stripe, apiKey: 'pk_live_wrong' });
      await stage.setSecret('square', good.square);
      expect(await said('api-key-mode', 'prod')).toEqual(['ok']);
    });

    it('secret-rotation finds an old secret that still counts after a week', async () => {
      const at = (days: number) => ({
        signingSecrets: ['new', 'old'],
        rotation: { startedAt: new Date(now - days * 86_400_000).toISOString(), retiring: 1 },
      });
      await stage.setSecret('stripe', at(9));
      expect(await said('secret-rotation')).toEqual(['warning: the old secret of stripe still counts, 9 d after the new one was set']);
      await stage.setSecret('stripe', at(2));
      expect(await said('secret-rotation')).toEqual(['ok']);
    });

    it('provider-silent and livemode look at what came in the last 7 days', async () => {
      const quiet = await patient();
      expect(await saidOf('livemode', quiet)).toEqual(['skipped: no event of the last 7 days tells whether it is a test']);
      expect(await saidOf('provider-silent', quiet)).toHaveLength(4);
      quiet.target.close();
      const at = new Date(now - 3_600_000).toISOString();
      await stage.putEvent({ eventId: 'evt_live', occurredAt: at, receivedAt: at, livemode: true });
      const heard = await patient();
      expect(await saidOf('livemode', heard)).toEqual([
        expect.stringMatching(/^error: 1 of the last 1 events of stripe that tell are live payments/),
      ]);
      Object.defineProperty(heard, 'production', { value: true });
      expect(await saidOf('livemode', heard)).toEqual(['ok']);
      expect((await saidOf('provider-silent', heard)).map((text) => /from (\w+)/.exec(text)?.[1])).toEqual(['paypal', 'square', 'generic']);
      heard.target.close();
    }, 30_000);
  });

  it('alert-endpoints finds a secret of endpoints without a value or with a wrong one, and shows none of it', async () => {
    expect(await said('alert-endpoints')).toEqual(['skipped: there is no secret of endpoints: alerts go to people and queues alone']);
    await stage.clients.secrets.send(new CreateSecretCommand({ Name: 'payment-webhooks/test/alert-endpoints' }));
    expect(await said('alert-endpoints')).toEqual(['error: the secret of endpoints has no value: alerts and alarms become dead letters']);
    await stage.setSecret('alert-endpoints', { alerts: ['http://chat.example.com/hidden'] });
    expect(await said('alert-endpoints')).toEqual([
      'error: the secret of endpoints cannot be used (alerts[0] must begin with https://): alerts and alarms become dead letters',
    ]);
    await stage.setSecret('alert-endpoints', { alerts: ['https://chat.example.com/hidden'] });
    expect(await said('alert-endpoints')).toEqual(['ok']);
  });

  it('alert-endpoints finds a secret that is not there where alerts are posted, and looks for none where they are not', async () => {
    const gone = { DescribeSecret: awsFault('ResourceNotFoundException') };
    const posting = await expectedOf('prod', { ALERT_ENDPOINTS: 'true' });
    expect(await saidOf('alert-endpoints', fakePatient(gone, { expected: posting }))).toEqual([
      'error: there is no secret of endpoints: alerts and alarms become dead letters',
    ]);
    expect(await saidOf('alert-endpoints', fakePatient(gone, { expected: await expectedOf() }))).toEqual([
      'skipped: alertEndpoints is off: alerts go to people and queues alone',
    ]);
  });

  it('secret-shape finds a secret whose key is gone, and secret-set one that is not there', async () => {
    const there = { DescribeSecret: { LastChangedDate: new Date(now), VersionIdsToStages: { one: ['AWSCURRENT'] } } };
    const messages = await saidOf('secret-shape', fakePatient({ ...there, GetSecretValue: awsFault('DecryptionFailure') }));
    expect(messages).toContain('error: the secret of stripe cannot be decrypted: its webhooks are answered 503');
    expect(await saidOf('secret-set', fakePatient({ DescribeSecret: awsFault('ResourceNotFoundException') }))).toContain(
      'error: there is no secret for stripe: its webhooks are answered 503',
    );
  });
});

describe('clock-skew', () => {
  it.each([
    [0, 'ok'],
    [-100_000, 'warning: the clock of this machine is 100 s behind AWS'],
    [400_000, 'error: the clock of this machine is 400 s ahead of AWS: AWS refuses its signatures'],
  ])('measures %d ms against the date of an answer', async (skew, message) => {
    const server = createServer((_request, response) => {
      response.sendDate = false;
      response.writeHead(200, { 'content-type': 'text/xml', date: new Date(now - skew).toUTCString() });
      response.end(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const one = fakePatient({});
    const sts = new STSClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${String(port)}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    Object.assign(one.target.operator, { sts });
    expect(await saidOf('clock-skew', one)).toEqual([message]);
    sts.destroy();
    server.close();
  });
});

describe('the command', () => {
  it('lists its checks, and knows no other', async () => {
    const listed = await ops(['doctor', '--list', '--json']);
    expect(listed.json()).toMatchObject({ checks: checks.map(({ id }) => ({ id })) });
    expect(await stage.run(['doctor', '--only', 'nonsense'])).toMatchObject({
      exitCode: 2,
      notes: 'ops: there is no check nonsense: npm run ops -- doctor --list',
    });
  });

  it('ends with 0 where nothing is wrong, and says what was skipped and why', async () => {
    const ran = await stage.run(['doctor', '--only', 'bucket-public', 'function-state', '--json']);
    expect(ran.exitCode).toBe(0);
    expect(ran.json()).toMatchObject({
      counts: { errors: 0, ok: 0, skipped: 2 },
      findings: [
        { check: 'function-state', level: 'skipped', mend: null },
        { check: 'bucket-public', level: 'skipped' },
      ],
    });
  });
});
