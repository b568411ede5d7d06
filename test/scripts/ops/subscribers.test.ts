import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DescribeConnectionCommand,
  DisableRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OpsStage, type RunSettings } from './ops-stage';

let stage: OpsStage;

beforeAll(async () => {
  stage = await OpsStage.start();
  const { events } = stage.clients;
  const Name = stage.names.ofRule('ledger');
  const key = { ApiKeyName: 'X-Api-Key', ApiKeyValue: 'not-authorized-yet' };
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({
      Name,
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: key },
      Description: 'Not authorized yet: npm run ops -- subscribers authorize',
    }),
  );
  const endpoint = { Name, ConnectionArn, HttpMethod: 'POST', InvocationEndpoint: 'https://ledger.example.com/' } as const;
  const { ApiDestinationArn = '' } = await events.send(new CreateApiDestinationCommand(endpoint));
  await rule('ledger', 'subscriber', ApiDestinationArn);
  await rule('orders', 'subscriber', stage.queueArn('orders'));
  await rule('failed', 'failed', stage.queueArn(stage.names.notificationQueue));
});

afterAll(() => stage.stop());

async function rule(name: string, Id: string, Arn: string): Promise<void> {
  const named = { EventBusName: stage.names.bus, Name: stage.names.ofRule(name) };
  await stage.clients.events.send(new PutRuleCommand({ ...named, EventPattern: '{"source":["payment.processor"]}' }));
  await stage.clients.events.send(new PutTargetsCommand({ EventBusName: named.EventBusName, Rule: named.Name, Targets: [{ Id, Arn }] }));
}

const described = () => stage.clients.events.send(new DescribeConnectionCommand({ Name: stage.names.ofRule('ledger') }));

/** Runs it, and sees to it that nothing of what was typed comes out again. */
async function authorize(args: readonly string[], input: string, settings: RunSettings = {}) {
  const ran = await stage.run(['subscribers', 'authorize', ...args], { ...settings, input });
  for (const part of input.match(/secret-\w+/g) ?? []) expect(ran.out + ran.notes).not.toContain(part);
  return ran;
}

describe('subscribers', () => {
  it('are listed, with those that wait for their secret, and without the rules of the pipeline', async () => {
    const ran = await stage.run(['subscribers', 'list']);
    expect(ran).toMatchObject({ exitCode: 0, notes: '' });
    expect(ran.out).toMatch(/ledger +https +no secret yet: subscribers authorize ledger/);
    expect(ran.out).toMatch(/orders +queue +delivered to +arn:aws:sqs/);
    expect(ran.out).not.toContain('failed');
  });

  it('are authorized from a pipe, under the header that they have', async () => {
    expect(await authorize(['ledger'], 'Bearer secret-first\n')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('ledger is authorized with the header X-Api-Key'),
    });
    expect((await described()).Description).toBe('Authorized since 2026-11-05T12:00:00.000Z');
    const listed = await stage.run(['subscribers', 'list', '--json']);
    expect(listed.json()).toMatchObject({
      subscribers: [
        { name: 'ledger', kind: 'https', authorizedAt: '2026-11-05T12:00:00.000Z', header: 'X-Api-Key' },
        { name: 'orders', kind: 'queue' },
      ],
    });
  });

  it('are authorized from a terminal that shows nothing, under another header', async () => {
    expect(await authorize(['ledger', '--header', 'Authorization'], 'Bearer secret-second\r', { terminal: true })).toMatchObject({
      exitCode: 0,
      notes: expect.stringContaining('nothing is shown'),
    });
    expect((await described()).AuthParameters?.ApiKeyAuthParameters?.ApiKeyName).toBe('Authorization');
  });

  it.each<[string, readonly string[], string, number, RegExp]>([
    ['one that is none', ['nobody'], 'secret-third', 3, /there is no subscriber "nobody" over HTTPS .*: npm run ops -- subscribers list/],
    ['one that is a queue', ['orders'], 'secret-third', 3, /there is no subscriber "orders" over HTTPS/],
    ['one that is none, under a header', ['nobody', '--header', 'X-Key'], 'secret-third', 3, /there is no subscriber "nobody"/],
    ['nothing', ['ledger'], '', 2, /nothing was changed: a header’s value is one line/],
    ['two lines', ['ledger'], 'secret-third\nsecret-fourth', 2, /nothing was changed/],
    ['white space around it', ['ledger'], ' secret-third ', 2, /nothing was changed/],
    ['a secret as an argument', ['ledger', 'secret-third'], '', 2, /too many arguments/],
    ['a header that is none', ['ledger', '--header', 'X Key'], 'secret-third', 2, /--header is the name of a header/],
  ])('refuse %s, and change nothing', async (_what, args, input, exitCode, message) => {
    const before = await described();
    const ran = await authorize(args, input);
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.notes).toMatch(message);
    expect((await described()).Description).toBe(before.Description);
  });

  it('whose rule is disabled say so', async () => {
    await stage.clients.events.send(new DisableRuleCommand({ EventBusName: stage.names.bus, Name: stage.names.ofRule('orders') }));
    expect((await stage.run(['subscribers', 'list'])).out).toMatch(/orders +queue +rule disabled/);
  });

  it('may be none', async () => {
    const empty = await OpsStage.start();
    const ran = await empty.run(['subscribers', 'list']);
    await empty.stop();
    expect(ran.out).toMatch(/^no subscribers .*docs\/events\.md/);
  });
});
