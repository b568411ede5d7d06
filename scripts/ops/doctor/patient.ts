import { GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { DescribeTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, type EventSourceMappingConfiguration, type FunctionConfiguration } from '@aws-sdk/client-lambda';
import { providerNames } from '../../../functions/shared/providers';
import { apiStageName, functionNames, stackIds } from '../../../stacks/naming';
import { newestFirst, type RowKey } from '../event-index';
import { isErrorNamed, OpsFailure } from '../failure';
import { mappingsOf } from '../mappings';
import { readSecretText, secretChangedAt } from '../provider-secret';
import type { Target } from '../target';
import type { Expected } from './expected';
import { isProduction } from './production';
import { Unanswerable } from './unanswerable';

const day = 86_400_000;
const recentEvents = 20;

/** What stands in a provider's secret. */
export type SecretReading = { readonly state: 'absent' | 'empty' } | { readonly state: 'set'; readonly text: string };

/** Reads a published list. Throws where it cannot be had. */
export type FetchList = (url: string) => Promise<string>;

export interface PatientOptions {
  readonly target: Target;
  /** What was synthesized here, or why nothing was. */
  readonly expected: Expected | { readonly missing: string };
  readonly now: number;
  readonly fetchList: FetchList;
  /** Folder of the project. */
  readonly root: string;
  /** Options that name the same target again, for the commands that are advised. */
  readonly again?: string;
}

/** The pipeline that is examined: what was synthesized, and what AWS says, each read once. */
export class Patient {
  readonly target: Target;
  readonly now: number;
  readonly root: string;
  readonly fetchList: FetchList;
  readonly #options: PatientOptions;
  readonly #secrets = new Map<string, Promise<SecretReading>>();
  readonly #recent = new Map<string, Promise<readonly RowKey[]>>();

  readonly functions: () => Promise<ReadonlyMap<string, FunctionConfiguration>>;
  readonly mappings: () => Promise<readonly EventSourceMappingConfiguration[]>;
  readonly table: () => Promise<TableDescription>;
  readonly apiId: () => Promise<string>;

  constructor(options: PatientOptions) {
    this.#options = options;
    this.target = options.target;
    this.now = options.now;
    this.root = options.root;
    this.fetchList = options.fetchList;
    this.functions = once(() => readFunctions(this.target));
    this.mappings = once(() => readMappings(this.target));
    this.table = once(() => readTable(this.target));
    this.apiId = once(() => readApiId(this.target));
  }

  /** What was synthesized. Throws an Unanswerable where nothing was. */
  get expected(): Expected {
    const { expected } = this.#options;
    if ('missing' in expected) throw new Unanswerable(`what it should be like is not known: ${expected.missing}`);
    return expected;
  }

  /** The same where it helps but is not needed. */
  get expectedIfAny(): Expected | undefined {
    const { expected } = this.#options;
    return 'missing' in expected ? undefined : expected;
  }

  /** Whether real money goes through here. */
  get production(): boolean {
    return isProduction(this.target, this.expectedIfAny);
  }

  /** Providers whose webhooks are accepted: as deployed, else as synthesized, else all. */
  async providers(): Promise<readonly string[]> {
    const name = this.target.names.ofFunction('webhook-receiver');
    const deployed = this.target.local === undefined ? await this.#deployedProviders(name) : undefined;
    const synthesized = this.expectedIfAny?.functionNamed(name)?.block('environment', ['variables'])?.map('variables')['ENABLED_PROVIDERS'];
    const names = (deployed ?? synthesized)?.split(',').map((text) => text.trim());
    return providerNames.filter((provider) => names === undefined || names.includes(provider));
  }

  #deployedProviders(receiver: string): Promise<string | undefined> {
    return this.functions().then(
      (functions) => functions.get(receiver)?.Environment?.Variables?.['ENABLED_PROVIDERS'],
      () => undefined,
    );
  }

  /** What stands in the secret of a provider. Throws where it may not be read. */
  secret(provider: string): Promise<SecretReading> {
    const reading = this.#secrets.get(provider) ?? readSecret(this.target, provider);
    this.#secrets.set(provider, reading);
    return reading;
  }

  /** Keys of the newest 20 events of a provider in the last 7 days, the newest first. */
  recent(provider: string): Promise<readonly RowKey[]> {
    const reading = this.#recent.get(provider) ?? readRecent(this.target, provider, this.now);
    this.#recent.set(provider, reading);
    return reading;
  }

  /** Where providers post to, without a slash at its end. Throws an Unanswerable where there is no API. */
  async baseUrl(): Promise<string> {
    if (this.target.local !== undefined) return this.target.local.apiUrl;
    const [domain] = this.expectedIfAny?.of('aws_api_gateway_domain_name') ?? [];
    if (domain !== undefined) return `https://${domain.text('domain_name')}`;
    return `https://${await this.apiId()}.execute-api.${this.target.region}.amazonaws.com/${apiStageName}`;
  }

  /** An ops command for this very target. */
  ops(command: string): string {
    return `npm run ops -- ${command}${this.#options.again ?? ''}`;
  }

  /** The command that makes AWS what the stacks say. */
  deploy(stack: 'data' | 'pipeline'): string {
    const { suffix, local } = this.target;
    if (local !== undefined) return 'stop npm start, and start it again';
    return `ENVIRONMENT_SUFFIX=${suffix} npx cdktf deploy ${stackIds(suffix)[stack]}`;
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

async function readSecret(target: Target, provider: string): Promise<SecretReading> {
  try {
    if ((await secretChangedAt(target, provider)) === undefined) return { state: 'empty' };
  } catch (cause) {
    if (cause instanceof OpsFailure) return { state: 'absent' };
    throw cause;
  }
  const text = await readSecretText(target, provider);
  return text === undefined ? { state: 'empty' } : { state: 'set', text };
}

async function readRecent(target: Target, provider: string, now: number): Promise<readonly RowKey[]> {
  const keys: RowKey[] = [];
  for await (const key of newestFirst(target, { providers: [provider], since: now - 7 * day, until: now + day }, recentEvents)) {
    if (keys.push(key) >= recentEvents) break;
  }
  return keys;
}

/** The functions that are there, by name. */
async function readFunctions({ operator, names }: Target): Promise<ReadonlyMap<string, FunctionConfiguration>> {
  const found = await Promise.all(
    functionNames.map(async (name) => {
      const FunctionName = names.ofFunction(name);
      try {
        return [[FunctionName, await operator.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))] as const];
      } catch (cause) {
        if (isErrorNamed(cause, 'ResourceNotFoundException')) return [];
        throw cause;
      }
    }),
  );
  return new Map(found.flat());
}

async function readMappings(target: Target): Promise<readonly EventSourceMappingConfiguration[]> {
  const found = await Promise.all(functionNames.map((name) => mappingsOf(target, name)));
  return found.flat();
}

async function readTable({ dynamodb, names }: Target): Promise<TableDescription> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: names.table }));
  if (Table === undefined) throw new Unanswerable(`the table ${names.table} was not described`);
  return Table;
}

async function readApiId({ operator, names }: Target): Promise<string> {
  let position: string | undefined;
  do {
    const page = await operator.apiGateway.send(new GetRestApisCommand({ limit: 500, ...(position === undefined ? {} : { position }) }));
    const id = page.items?.find(({ name }) => name === names.api)?.id;
    if (id !== undefined) return id;
    ({ position } = page);
  } while (position !== undefined);
  throw new Unanswerable(`there is no API ${names.api}: is the pipeline stack deployed?`);
}
