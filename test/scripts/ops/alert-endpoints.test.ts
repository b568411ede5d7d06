import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OpsStage, type RunSettings } from './ops-stage';

const SecretId = 'payment-webhooks/test/alert-endpoints';
let stage: OpsStage;

beforeAll(async () => {
  stage = await OpsStage.start();
});

afterAll(() => stage.stop());

async function stored(): Promise<unknown> {
  const { SecretString = '' } = await stage.clients.secrets.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString);
}

/** Runs it, and sees to it that no URL comes out again. */
async function run(args: readonly string[], input = '', settings: RunSettings = {}) {
  const ran = await stage.run(['secrets', 'endpoints', ...args], { ...settings, input });
  expect(ran.out + ran.notes).not.toMatch(/hidden|hooks\.slack/);
  return ran;
}

const [first, second, third] = ['https://hooks.slack.com/hidden1', 'https://hooks.slack.com/hidden2', 'https://chat.example.com/hidden3'];

describe('secrets endpoints', () => {
  it('says which setting makes the secret where there is none', async () => {
    for (const args of [['set', 'alerts'], ['remove', 'alerts'], ['status']])
      expect(await run(args, first)).toMatchObject({
        exitCode: 3,
        notes: expect.stringContaining('say alertEndpoints: true in the environment'),
      });
  });

  it('sets those of one topic and leaves the other alone, from a pipe or a terminal', async () => {
    await stage.clients.secrets.send(new CreateSecretCommand({ Name: SecretId }));
    expect((await run(['status'])).out).toMatch(/alerts +not set: posted nowhere +0[\s\S]*operations +not set: posted nowhere +0/);
    expect(await run(['set', 'alerts'], `${first}\n${second}\n`)).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('2 endpoints of alerts set'),
    });
    expect(await stored()).toEqual({ alerts: [first, second], operations: [] });
    expect(await run(['set', 'operations'], `${third}\r`, { terminal: true })).toMatchObject({
      exitCode: 0,
      notes: expect.stringContaining('nothing is shown'),
    });
    expect(await stored()).toEqual({ alerts: [first, second], operations: [third] });
    expect((await run(['status'])).out).toMatch(/alerts +set +2 .*\n.*operations +set +1/);
  });

  it.each<[string, readonly string[], string, number, RegExp]>([
    ['a URL as an argument', ['set', 'alerts', 'https://hooks.slack.com/hidden'], '', 2, /too many arguments/],
    ['another topic', ['set', 'payments'], '', 2, /Allowed choices are alerts, operations/],
    ['nothing', ['set', 'alerts'], ' \n', 2, /no URL came/],
    ['plain HTTP', ['set', 'alerts'], 'http://hooks.slack.com/hidden', 2, /nothing was stored: alerts\[0\] must begin with https/],
    ['plain HTTP to this machine, outside a local run', ['set', 'alerts'], 'http://127.0.0.1:4001/hidden', 2, /must begin with https/],
    [
      'an address inside a network',
      ['set', 'operations'],
      'https://10.0.0.1/hidden',
      2,
      /operations\[0\] must have the name of a public host/,
    ],
    ['the same twice', ['set', 'alerts'], `${first} ${first}`, 2, /alerts has an endpoint twice/],
  ])('refuses %s and stores nothing', async (_, args, input, exitCode, notes) => {
    const before = await stored();
    expect(await run(args, input)).toMatchObject({ exitCode, notes: expect.stringMatching(notes) });
    expect(await stored()).toEqual(before);
  });

  it('takes those of a topic away, but not the last', async () => {
    expect(await run(['remove', 'operations'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('posted nowhere any more') });
    expect(await stored()).toEqual({ alerts: [first, second], operations: [] });
    expect((await run(['remove', 'operations'])).exitCode).toBe(3);
    expect(await run(['remove', 'alerts'])).toMatchObject({ exitCode: 2, notes: expect.stringContaining('the last endpoints') });
  });

  it('overwrites what it cannot read only when it is told to', async () => {
    await stage.setSecret('alert-endpoints', '{"alerts":["https://hooks.slack.com/hidden');
    expect((await run(['status'])).out).toContain('not valid: the secret is not a JSON object');
    expect(await run(['set', 'alerts'], first)).toMatchObject({ exitCode: 2, notes: expect.stringContaining('--replace drops all of it') });
    expect(await run(['remove', 'alerts'])).toMatchObject({ exitCode: 2, notes: expect.stringContaining('cannot be read') });
    expect((await run(['set', 'alerts', '--replace'], first)).exitCode).toBe(0);
    expect(await stored()).toEqual({ alerts: [first], operations: [] });
  });
});
