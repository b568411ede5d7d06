import { existsSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { isLoopback } from '../../functions/shared/domain/loopback';
import { namesOf, stackIds, type Names } from '../../stacks/naming';
import { readRunState, type RunState } from '../local/run-state';
import { readSynthesizedStacks } from '../local/synthesized-stacks';
import { isErrorNamed, notFound, OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { operatorClients, type ClientConfig, type OperatorClients } from './operator-clients';

export interface TargetOptions {
  readonly env?: string;
  readonly endpoint?: string;
  readonly region?: string;
}

/** The pipeline that a command works on. */
export interface Target {
  readonly title: string;
  readonly suffix: string;
  readonly region: string;
  readonly accountId: string;
  readonly names: Names;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly sqs: SQSClient;
  /** Clients for watching and steering, made when they are asked for. */
  readonly operator: OperatorClients;
  /** Folder of the stacks that this environment was synthesized to, whether or not there is anything in it. */
  readonly synthFolder: string;
  /** The run on this machine, when the target is one. */
  readonly local: RunState | undefined;
  /** URL of a queue; undefined where there is no such queue. */
  queueUrl(name: string): Promise<string | undefined>;
  close(): void;
}

const defaultRegion = 'ap-southeast-1';

/** The local run; or the environment that is named, in an AWS account or on any endpoint. Throws when it is not there. */
export async function openTarget(options: TargetOptions, io: Io): Promise<Target> {
  const local = options.env === undefined && options.endpoint === undefined ? readRunState(io.root) : undefined;
  if (local !== undefined) return targetOfRun(local, io.root);
  if (options.env === undefined && options.endpoint === undefined) {
    throw new OpsFailure('no local run is going on here: start one with npm start, or name an environment with --env');
  }
  const suffix = options.env ?? 'dev';
  if (!/^[a-z0-9-]{1,20}$/.test(suffix)) throw wrongUsage('--env is 1 to 20 of a-z, 0-9 and -');
  const region =
    options.region ?? io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION'] ?? synthesizedRegion(io.root, suffix) ?? defaultRegion;
  return targetAt({ suffix, region, endpoint: options.endpoint, synthFolder: path.join(io.root, 'cdktf.out'), local: undefined });
}

/** A run on this machine, by its state, which is kept under the project's `root`: by default this folder. */
export function targetOfRun(local: RunState, root = '.'): Promise<Target> {
  const synthFolder = path.join(root, '.local', 'synth');
  return targetAt({ suffix: local.suffix, region: local.region, endpoint: local.awsEndpoint, synthFolder, local });
}

interface Place {
  readonly suffix: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly synthFolder: string;
  readonly local: RunState | undefined;
}

async function targetAt({ suffix, region, endpoint, synthFolder, local }: Place): Promise<Target> {
  const config = configFor(region, endpoint);
  const clients = clientsFor(config);
  let operator: OperatorClients | undefined;
  const queueUrl = (name: string): Promise<string | undefined> => urlOf(clients.sqs, name);
  const close = (): void => {
    for (const client of [...Object.values(clients), ...(operator === undefined ? [] : Object.values(operator))]) client.destroy();
  };
  const title =
    local === undefined ? `${suffix} in ${region}${endpoint === undefined ? '' : ` at ${endpoint}`}` : `the local run at ${local.apiUrl}`;
  try {
    const accountId = local?.accountId ?? (await accountOf(queueUrl, suffix, title));
    return {
      ...clients,
      title,
      suffix,
      region,
      accountId,
      names: namesOf(suffix, accountId),
      get operator() {
        operator ??= operatorClients(config);
        return operator;
      },
      synthFolder,
      local,
      queueUrl,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A queue's URL has the account's number in it, and there is no pipeline without its processing queue. */
async function accountOf(queueUrl: Target['queueUrl'], suffix: string, title: string): Promise<string> {
  const { processingQueue } = namesOf(suffix, '');
  const url = await queueUrl(processingQueue);
  const [, account] = /\/(\d{12})\/[^/]+$/.exec(url ?? '') ?? [];
  if (account === undefined)
    throw notFound(`no pipeline ${title} (there is no queue ${processingQueue}): check --env, --region and the account`);
  return account;
}

async function urlOf(sqs: SQSClient, name: string): Promise<string | undefined> {
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl;
  } catch (error) {
    if (isErrorNamed(error, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue')) return undefined;
    throw error;
  }
}

/** What every client is made with, for AWS or for an endpoint in its place. Throws when the endpoint is no URL. */
export function configFor(region: string, endpoint: string | undefined): ClientConfig {
  if (endpoint !== undefined && !URL.canParse(endpoint)) throw wrongUsage('--endpoint is a URL, like http://127.0.0.1:4566');
  return {
    region,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 3000, requestTimeout: 15_000, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
    // Nobody checks credentials on a laptop; anywhere else they come from where the AWS tools look.
    ...(isLoopback(endpoint) ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
}

function clientsFor(config: ClientConfig) {
  const { endpoint } = config;
  return {
    dynamodb: new DynamoDBClient(config),
    s3: new S3Client({ ...config, forcePathStyle: endpoint !== undefined }),
    secrets: new SecretsManagerClient(config),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: endpoint === undefined }),
  };
}

/** The region that the stacks of this environment were last synthesized for, where they were. */
function synthesizedRegion(root: string, suffix: string): string | undefined {
  const folder = path.join(root, 'cdktf.out');
  if (!existsSync(path.join(folder, 'manifest.json'))) return undefined;
  return readSynthesizedStacks(folder).find(({ name }) => name === stackIds(suffix).pipeline)?.region;
}
