import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { refuseWrongMode } from '../../../scripts/ops/api-keys';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pinnedIntermediates } from '../../../functions/shared/providers/paypal/pinned-certificates';
import { makeCertificate } from '../../support/certificates';
import { fakePatient } from './doctor/fake-patient';
import { OpsStage, type RunSettings } from './ops-stage';

let stage: OpsStage;

beforeAll(async () => {
  stage = await OpsStage.start();
});

afterAll(() => stage.stop());

async function stored(provider: string): Promise<unknown> {
  const { SecretString = '' } = await stage.clients.secrets.send(
    new GetSecretValueCommand({ SecretId: `payment-webhooks/test/${provider}` }),
  );
  return JSON.parse(SecretString);
}

/** Runs it, and sees to it that nothing of what was typed comes out again. */
async function run(args: readonly string[], input: string, settings: RunSettings = {}) {
  const ran = await stage.run(['secrets', ...args], { ...settings, input });
  for (const part of input.match(/[\w-]{6,}/g) ?? [])
    if (!['signingSecrets', 'signatureKey', 'intermediates'].includes(part)) expect(ran.out + ran.notes).not.toContain(part);
  return ran;
}

describe('secrets set', () => {
  it.each<[string, readonly string[], string, unknown]>([
    ['stripe', [], 'whsec_first\n', { signingSecrets: ['whsec_first'] }],
    ['paypal', ['--environment', 'sandbox'], 'WEBHOOKID-1', { environment: 'sandbox', webhookIds: ['WEBHOOKID-1'] }],
    [
      'square',
      ['--notification-url', 'https://a.example/webhook/square'],
      'key-first\r\n',
      { subscriptions: [{ signatureKey: 'key-first', notificationUrl: 'https://a.example/webhook/square' }] },
    ],
    ['generic', [], '{"signingSecrets":["own-first","own-second"]}', { signingSecrets: ['own-first', 'own-second'] }],
  ])('takes the secret of %s from a pipe', async (provider, args, input, value) => {
    expect(await run(['set', provider, ...args], input)).toMatchObject({ exitCode: 0, notes: '' });
    expect(await stored(provider)).toEqual(value);
  });

  it('takes it from a terminal without showing it, and what was rubbed out is gone', async () => {
    expect(await run(['set', 'stripe', '--replace'], 'whsec_typedXX\u007f\b\r', { terminal: true })).toMatchObject({
      exitCode: 0,
      notes: expect.stringContaining('nothing is shown'),
    });
    expect(await stored('stripe')).toEqual({ signingSecrets: ['whsec_typed'] });
  });

  it.each<[string, readonly string[], string, RunSettings, number, RegExp]>([
    ['a set one without --replace', ['set', 'stripe'], 'whsec_other', {}, 2, /secrets rotate keeps it/],
    ['a secret as an argument', ['set', 'stripe', 'whsec_argument'], '', {}, 2, /too many arguments/],
    ['nothing', ['set', 'stripe', '--replace'], '', {}, 2, /must not be empty/],
    ['white space around it', ['set', 'stripe', '--replace'], ' whsec_other ', {}, 2, /white space/],
    ['half a Standard Webhooks secret', ['set', 'generic', '--replace'], 'whsec_short', {}, 2, /must be base64/],
    ['PayPal without its environment', ['set', 'paypal', '--replace'], 'WEBHOOKID-2', {}, 2, /--environment live/],
    ['Square without its URL', ['set', 'square', '--replace'], 'key-other', {}, 2, /--notification-url/],
    ['broken JSON', ['set', 'stripe', '--replace'], '{"signingSecrets":["whsec_broken', {}, 1, /is not JSON/],
    ['JSON of another provider', ['set', 'stripe', '--replace'], '{"webhookIds":["WEBHOOKID-3"]}', {}, 1, /signingSecrets must be a list/],
    ['Ctrl-C', ['set', 'stripe', '--replace'], 'whsec_oth\u0003', { terminal: true }, 130, /nothing was changed/],
    ['an unknown provider', ['set', 'adyen'], 'secret-text', {}, 2, /Allowed choices/],
  ])('refuses %s and changes nothing', async (_what, args, input, settings, exitCode, line) => {
    const before = await Promise.all(['stripe', 'paypal', 'square', 'generic'].map(stored));
    const ran = await run(args, input, settings);
    expect([ran.exitCode, ran.notes]).toEqual([exitCode, expect.stringMatching(line)]);
    expect(ran.notes).not.toContain('whsec_argument');
    expect(await Promise.all(['stripe', 'paypal', 'square', 'generic'].map(stored))).toEqual(before);
  });
});

describe("PayPal's issuers", () => {
  const file = path.join(tmpdir(), `issuers-${process.pid}.pem`);
  const [, evIssuer = '', g2Issuer = ''] = pinnedIntermediates;
  const set = ['set', 'paypal', '--environment', 'live'];
  afterAll(() => {
    rmSync(file, { force: true });
  });

  it('are taken from a file in PEM, and kept when the webhook id is set anew or rotated', async () => {
    await stage.setSecret('paypal', { webhookIds: ['ID-ONE'], environment: 'live' });
    writeFileSync(file, `issuers of PayPal\n${evIssuer}\n\n${g2Issuer}\n`);
    expect(await run([...set, '--replace', '--intermediates', file], 'WEBHOOKID-9')).toMatchObject({ exitCode: 0 });
    const intermediates = [evIssuer, g2Issuer];
    expect(await stored('paypal')).toEqual({ webhookIds: ['WEBHOOKID-9'], environment: 'live', intermediates });
    await run([...set, '--replace'], 'WEBHOOKID-10');
    await run(['rotate', 'paypal'], 'WEBHOOKID-11');
    expect(await stored('paypal')).toMatchObject({ webhookIds: ['WEBHOOKID-11', 'WEBHOOKID-10'], intermediates });
  });

  it.each<[string, () => string, readonly string[], RegExp]>([
    [
      'under a root of its own',
      () => makeCertificate({ commonName: 'Own', authority: true }).pem,
      set,
      /nothing was stored: intermediates\.0 must be the PEM/,
    ],
    ['six', () => `${evIssuer}\n`.repeat(6), set, /nothing was stored: intermediates must have at most 5 entries/],
    ['no certificate', () => 'DigiCert', set, /has no certificate in PEM/],
    ['for Stripe', () => evIssuer, ['set', 'stripe'], /--intermediates is for PayPal/],
  ])('are refused: %s', async (_what, text, args, line) => {
    const before = await stored('paypal');
    writeFileSync(file, text());
    const ran = await run([...args, '--replace', '--intermediates', file], 'WEBHOOKID-12');
    expect([ran.exitCode, ran.notes]).toEqual([2, expect.stringMatching(line)]);
    expect(await stored('paypal')).toEqual(before);
  });

  it('are refused in a secret that is given whole', async () => {
    const whole = JSON.stringify({ webhookIds: ['WEBHOOKID-13'], environment: 'live', intermediates: ['not-a-certificate'] });
    const ran = await run(['set', 'paypal', '--replace'], whole);
    expect([ran.exitCode, ran.notes]).toEqual([2, expect.stringContaining('intermediates.0 must be the PEM')]);
  });

  it('are refused when their file cannot be read', async () => {
    const ran = await run([...set, '--replace', '--intermediates', `${file}.none`], 'WEBHOOKID-14');
    expect([ran.exitCode, ran.notes]).toEqual([2, expect.stringContaining('cannot read')]);
  });
});

describe('secrets rotate', () => {
  it('keeps the old one beside the new one until it is finished', async () => {
    await stage.setSecret('stripe', { signingSecrets: ['whsec_old'] });
    const begun = await run(['rotate', 'stripe'], 'whsec_brandnew');
    expect(begun).toMatchObject({ exitCode: 0, out: expect.stringContaining('secrets rotate stripe --finish') });
    expect(await stored('stripe')).toMatchObject({ signingSecrets: ['whsec_brandnew', 'whsec_old'] });
    expect((await stage.run(['secrets', 'status', 'stripe'])).out).toMatch(/stripe +old and new since 2026-11-05T12:00:00\.000Z +2/);
    expect((await run(['rotate', 'stripe'], 'whsec_third')).exitCode).toBe(2);
    expect((await run(['rotate', 'stripe', '--finish'], '')).exitCode).toBe(0);
    expect(await stored('stripe')).toEqual({ signingSecrets: ['whsec_brandnew'] });
    expect((await run(['rotate', 'stripe', '--finish'], '')).exitCode).toBe(2);
  });

  it('keeps the URL of a Square subscription and the environment of PayPal', async () => {
    await stage.setSecret('square', {
      subscriptions: [
        { signatureKey: 'one', notificationUrl: 'https://a' },
        { signatureKey: 'two', notificationUrl: 'https://b' },
      ],
    });
    expect((await run(['rotate', 'square'], 'key-third')).exitCode).toBe(2);
    expect((await run(['rotate', 'square', '--notification-url', 'https://b'], 'key-third')).exitCode).toBe(0);
    expect(await stored('square')).toMatchObject({
      subscriptions: [{ signatureKey: 'key-third', notificationUrl: 'https://b' }, { signatureKey: 'one' }, { signatureKey: 'two' }],
    });
    await run(['rotate', 'square', '--finish'], '');
    expect(await stored('square')).toEqual({
      subscriptions: [
        { signatureKey: 'key-third', notificationUrl: 'https://b' },
        { signatureKey: 'one', notificationUrl: 'https://a' },
      ],
    });
    await stage.setSecret('paypal', { environment: 'live', webhookIds: ['ID-OLD'] });
    await run(['rotate', 'paypal'], 'IDENTITY-NEW');
    expect(await stored('paypal')).toMatchObject({ environment: 'live', webhookIds: ['IDENTITY-NEW', 'ID-OLD'] });
  });

  it('asks which of several it replaces, and takes away that one alone', async () => {
    await stage.setSecret('generic', { signingSecrets: ['first-sender', 'second-sender'] });
    expect(await run(['rotate', 'generic'], 'third-secret')).toMatchObject({
      exitCode: 2,
      notes: expect.stringContaining('--old 1 to --old 2'),
    });
    expect((await run(['rotate', 'generic', '--old', '3'], 'third-secret')).exitCode).toBe(2);
    expect((await run(['rotate', 'generic', '--old', '1'], 'second-sender')).notes).toContain('in use already');
    expect((await run(['rotate', 'generic', '--old', '1'], 'third-secret')).exitCode).toBe(0);
    await run(['rotate', 'generic', '--finish'], '');
    expect(await stored('generic')).toEqual({ signingSecrets: ['third-secret', 'second-sender'] });
  });

  it('needs one to rotate', async () => {
    const other = await OpsStage.start();
    expect(await other.run(['secrets', 'rotate', 'stripe'], { input: 'whsec_new' })).toMatchObject({
      exitCode: 3,
      notes: expect.stringContaining('secrets set stripe'),
    });
    expect((await other.run(['secrets', 'status'])).out.match(/not set: its webhooks are answered 503/g)).toHaveLength(4);
    await other.stop();
  });
});

describe('secrets status', () => {
  it('names what is wrong and shows no value', async () => {
    await stage.setSecret('stripe', { signingSecrets: ['whsec_kept', ' whsec_spaced'] });
    const { exitCode, out } = await stage.run(['secrets', 'status', '--json']);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('signingSecrets.1 must not begin or end with white space')]);
    expect(out).not.toContain('whsec');
  });
});

describe('secrets api-key', () => {
  beforeAll(async () => {
    await stage.setSecret('stripe', { signingSecrets: ['whsec_kept'] });
    await stage.setSecret('paypal', { webhookIds: ['ID-ONE'], environment: 'sandbox' });
    await stage.setSecret('square', { subscriptions: [{ signatureKey: 'kept', notificationUrl: 'https://a' }] });
  });

  it.each([
    ['stripe', [], 'rk_test_abc', { signingSecrets: ['whsec_kept'], apiKey: 'rk_test_abc' }],
    [
      'paypal',
      ['--client-id', 'client'],
      'shh-secret',
      { webhookIds: ['ID-ONE'], environment: 'sandbox', clientId: 'client', clientSecret: 'shh-secret' },
    ],
    [
      'square',
      ['--api-environment', 'sandbox'],
      'EAAAtoken',
      { subscriptions: [{ signatureKey: 'kept', notificationUrl: 'https://a' }], accessToken: 'EAAAtoken', environment: 'sandbox' },
    ],
  ])('sets the key of %s beside what is there, and shows it nowhere', async (provider, args, key, expected) => {
    const ran = await run(['api-key', provider, ...args], `${key}\n`);
    expect([ran.exitCode, await stored(provider)]).toEqual([0, expected]);
    const status = await stage.run(['secrets', 'status', provider]);
    expect(status.out).toMatch(/ set +\d+ +set /);
    for (const { out, notes } of [ran, status]) expect(`${out}${notes}`).not.toContain(key);
  });

  it('outlives a rotation, and a secret that is set anew', async () => {
    await run(['rotate', 'stripe'], 'whsec_brandnew');
    await run(['rotate', 'stripe', '--finish'], '');
    expect(await stored('stripe')).toEqual({ signingSecrets: ['whsec_brandnew'], apiKey: 'rk_test_abc' });
    await run(['set', 'stripe', '--replace'], 'whsec_other');
    expect(await stored('stripe')).toEqual({ signingSecrets: ['whsec_other'], apiKey: 'rk_test_abc' });
    await run(['set', 'paypal', '--replace', '--environment', 'live'], '{"webhookIds":["ID-TWO"],"environment":"sandbox"}');
    expect(await stored('paypal')).toEqual({
      webhookIds: ['ID-TWO'],
      environment: 'sandbox',
      clientId: 'client',
      clientSecret: 'shh-secret',
    });
  });

  it('is taken away again, and the signatures stay', async () => {
    for (const provider of ['stripe', 'paypal', 'square']) expect((await run(['api-key', provider, '--remove'], '')).exitCode).toBe(0);
    expect(await stored('stripe')).toEqual({ signingSecrets: ['whsec_other'] });
    expect(await stored('paypal')).toEqual({ webhookIds: ['ID-TWO'], environment: 'sandbox' });
    expect(await stored('square')).toEqual({ subscriptions: [{ signatureKey: 'kept', notificationUrl: 'https://a' }] });
  });

  it.each([
    ['stripe', { apiKey: 'rk_test_a1' }, 'the API key of stripe lists test payments, and prod is production'],
    [
      'paypal',
      { environment: 'sandbox', clientId: 'a', clientSecret: 'b' },
      'the API key of paypal lists test payments, and prod is production',
    ],
    [
      'square',
      { accessToken: 'EAAA', environment: 'sandbox' },
      'prod is production; for a production token use --api-environment production',
    ],
  ])('is refused in production where it is a test key of %s', async (provider, rest, problem) => {
    const { target } = fakePatient({});
    expect(target.suffix).toBe('prod');
    const notes: string[] = [];
    const note = (text: string) => notes.push(text);
    const refused = { rest, entries: [], rotation: undefined };
    await expect(refuseWrongMode(target, note, provider, refused)).rejects.toThrow(problem);
    await refuseWrongMode({ ...target, suffix: 'acme', synthFolder: 'none' }, note, provider, refused);
    expect(notes).toEqual([expect.stringContaining('whether acme is production is not known here')]);
  });

  it.each([
    [
      'a signing secret in its place',
      ['api-key', 'stripe'],
      'whsec_wrong',
      2,
      /nothing was stored: apiKey must be a secret or restricted key/,
    ],
    [
      'a live key of Stripe, for test is not production',
      ['api-key', 'stripe'],
      'rk_live_abc',
      2,
      /nothing was stored: the API key of stripe lists live payments, and test is not production$/m,
    ],
    [
      'a key of Square that is not said to be of the sandbox',
      ['api-key', 'square'],
      'EAAAtoken',
      2,
      /the API key of square lists live payments, and test is not production; for a sandbox token use --api-environment sandbox/,
    ],
    [
      'a whole secret with a live key',
      ['set', 'stripe', '--replace'],
      '{"signingSecrets":["whsec_x"],"apiKey":"sk_live_abc"}',
      2,
      /the API key of stripe lists live payments, and test is not production/,
    ],
    ['an empty key', ['api-key', 'square'], '', 2, /nothing was stored: accessToken must not be empty/],
    ['PayPal without a client id', ['api-key', 'paypal'], 'x', 2, /say the --client-id/],
    ['a provider without a list', ['api-key', 'generic'], 'x', 2, /Allowed choices are stripe, paypal, square/],
  ])('refuses %s and changes nothing', async (_, args, input, exitCode, line) => {
    const before = await Promise.all(['stripe', 'paypal', 'square'].map(stored));
    const ran = await run(args, input);
    expect([ran.exitCode, ran.notes]).toEqual([exitCode, expect.stringMatching(line)]);
    expect(ran.notes).not.toContain('whsec_wrong');
    expect(await Promise.all(['stripe', 'paypal', 'square'].map(stored))).toEqual(before);
  });
});
