import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { App } from 'cdktf';
import { checks } from '../../../../scripts/ops/doctor/checks';
import { examine, type Finding } from '../../../../scripts/ops/doctor/check';
import { readExpected, type Expected } from '../../../../scripts/ops/doctor/expected';
import { Patient } from '../../../../scripts/ops/doctor/patient';
import { operatorClients } from '../../../../scripts/ops/operator-clients';
import type { Target } from '../../../../scripts/ops/target';
import { DataStack } from '../../../../stacks/data-stack';
import { environmentFrom, validated } from '../../../../stacks/environments';
import { namesOf } from '../../../../stacks/naming';
import { PipelineStack } from '../../../../stacks/pipeline-stack';
import { makePackages } from '../../../stacks/synthesized';

export const now = Date.UTC(2026, 10, 5, 12);
export const accountId = '123456789012';
export const region = 'ap-southeast-1';
export const certificateArn = `arn:aws:acm:${region}:${accountId}:certificate/12345678-1234-1234-1234-123456789012`;

/** What production is synthesized to, with a name of its own and a state bucket. */
export async function expectedOf(suffix = 'prod', variables: Readonly<Record<string, string>> = {}): Promise<Expected> {
  const packageDirectory = makePackages();
  const outdir = join(packageDirectory, 'out');
  mkdirSync(outdir);
  try {
    const environment = validated({
      ...environmentFrom(suffix, {
        STATE_BUCKET: 'state-bucket',
        STATE_LOCK_TABLE: 'locks',
        OPERATIONS_EMAILS: 'a@example.com',
        ...variables,
      }),
      ...(suffix === 'prod' && { customDomain: { domainName: 'webhooks.example.com', certificateArn } }),
    });
    const app = new App({ outdir });
    new PipelineStack(app, { environment, packageDirectory, data: new DataStack(app, environment) });
    app.synth();
    return await readExpected(outdir, suffix, { accountId, region });
  } finally {
    rmSync(packageDirectory, { recursive: true });
  }
}

/** How a call is answered, by the name of its command without `Command`. A function gets the input; an Error is thrown. */
export type Answers = Readonly<Record<string, unknown>>;

function isAnswering(answer: unknown): answer is (input: unknown) => unknown {
  return typeof answer === 'function';
}

/** An error as the SDK throws it. */
export function awsFault(name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: {} });
}

function answering<Client extends object>(client: Client, answers: Answers): Client {
  const send = (command: { readonly input: unknown; readonly constructor: { readonly name: string } }): Promise<unknown> => {
    const name = command.constructor.name.replace(/Command$/, '');
    const answer = answers[name];
    if (answer === undefined) return Promise.reject(awsFault('UnknownOperationException', `nobody answers ${name}`));
    const value: unknown = isAnswering(answer) ? answer(command.input) : answer;
    return value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  };
  return Object.assign(client, { send });
}

export interface FakeOptions {
  readonly suffix?: string;
  readonly expected?: Expected | { readonly missing: string };
  readonly published?: string | Error;
  readonly local?: Target['local'];
  readonly root?: string;
}

/** A pipeline whose AWS answers what it is told to, and refuses every other call. */
export function fakePatient(answers: Answers, options: FakeOptions = {}): Patient {
  const {
    suffix = 'prod',
    expected = { missing: 'nothing was synthesized' },
    published = new Error('offline'),
    local,
    root = '/nowhere',
  } = options;
  const config = {
    region,
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 100, requestTimeout: 100, throwOnRequestTimeout: true },
  };
  const operator = operatorClients(config);
  for (const client of Object.values(operator)) answering(client, answers);
  const target: Target = {
    title: `${suffix} of the test`,
    suffix,
    region,
    accountId,
    names: namesOf(suffix, accountId),
    dynamodb: answering(new DynamoDBClient(config), answers),
    s3: answering(new S3Client(config), answers),
    secrets: answering(new SecretsManagerClient(config), answers),
    sqs: answering(new SQSClient(config), answers),
    operator,
    synthFolder: '/nowhere',
    local,
    queueUrl: (name) => Promise.resolve(answers['noQueue'] === name ? undefined : `https://sqs/${accountId}/${name}`),
    close: () => undefined,
  };
  return new Patient({
    target,
    expected,
    now,
    root,
    fetchList: () => (published instanceof Error ? Promise.reject(published) : Promise.resolve(published)),
    again: ` --env ${suffix}`,
  });
}

/** What one check says. */
export function found(id: string, patient: Patient): Promise<readonly Finding[]> {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return examine(check, patient);
}

/** Level and message of what one check says. */
export async function said(id: string, patient: Patient): Promise<readonly string[]> {
  return (await found(id, patient)).map(({ level, message }) => (message === '' ? level : `${level}: ${message}`));
}
