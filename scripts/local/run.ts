import { availableParallelism } from 'node:os';
import path from 'node:path';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { build } from '../build';
import { ActivityLog } from './activity';
import { openGateway, type Gateway } from './api-gateway';
import { awsClients, type AwsClients } from './aws-clients';
import { startEmbeddedAws, type EmbeddedAws } from './aws/embedded-aws';
import { developmentCertificates, type DevelopmentCertificates } from './development-certificates';
import {
  developmentSecrets,
  paypalCertificatePath,
  paypalCertificateUrl,
  paypalCommonName,
  paypalLocalTrust,
  type DevelopmentSecrets,
} from './development-secrets';
import { startControl, type ControlAccess } from './control';
import { hostPipeline, type PipelineHost } from './host';
import { MetricsWindow } from './metrics-window';
import { pipelineFrom, type Pipeline } from './pipeline';
import { provisionStacks, type Place, type Provisioned } from './provisioning';
import { provisionerCatalogue } from './provisioners';
import { removeRunState, writeRunState, type RunState } from './run-state';
import { synthesize } from './synthesize';
import { readSynthesizedStacks } from './synthesized-stacks';

export interface LocalOptions {
  /** Project root; default: the current folder. */
  readonly root?: string;
  /** Default 3000; 0 for any free port. */
  readonly port?: number;
  /** Port of the embedded AWS; default: any free one. */
  readonly awsPort?: number;
  /** Default `dev`. */
  readonly suffix?: string;
  /** What the stacks are synthesized with beside this process's own, such as SUBSCRIBERS. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Folder for the zips and the stacks' JSON; default: `dist` and `.local` in the root. */
  readonly workDir?: string;
  /** What was made before, for this suffix and these variables; default: it is made now. */
  readonly prepared?: PreparedRun;
  /** Whether `npm run send` and the ops tools shall find this run; default true. */
  readonly findable?: boolean;
  /** Loopback origin that stands in for the providers' APIs; default: the reconciler asks the real ones, where a key is set. */
  readonly providerApiOrigin?: string;
  /** Called as each step begins. */
  readonly onStep?: (step: string) => void;
}

/** Folders of the functions' zips and of the stacks' JSON. */
export interface PreparedRun {
  readonly packageDirectory: string;
  readonly synthDirectory: string;
}

/** A pipeline that runs on this machine. */
export interface LocalRun {
  readonly apiUrl: string;
  readonly awsEndpoint: string;
  readonly place: Place;
  readonly secrets: DevelopmentSecrets;
  readonly certificates: DevelopmentCertificates;
  readonly state: RunState;
  readonly pipeline: Pipeline;
  /** Every resource that was made. */
  readonly resources: Provisioned['resources'];
  readonly clients: AwsClients;
  readonly aws: EmbeddedAws;
  readonly activity: ActivityLog;
  readonly invoke: PipelineHost['invoke'];
  /** Waits until nothing moves any more; throws after `timeoutMs` (default 30 s). */
  waitForIdle(timeoutMs?: number): Promise<void>;
  /** Ends everything; may be called again. */
  stop(): Promise<void>;
}

/** No more than can run at one time: each of them takes a third of a second of a core to start and to get fast. */
const cores = Math.max(2, availableParallelism());
const environments = { api: Math.min(6, cores), other: Math.min(3, cores) };
/** Between reads of a quiet stream; every write wakes them anyhow. */
const streamIdleMs = 1000;

/** Builds, synthesizes and runs the whole pipeline on loopback. Throws an error that says which step failed; then nothing is left running. */
export async function startLocal(options: LocalOptions = {}): Promise<LocalRun> {
  const activity = new ActivityLog();
  const root = path.resolve(options.root ?? '.');
  const accountId = '123456789012';
  const cleanUps: (() => Promise<void> | void)[] = [];
  const stop = once(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  try {
    const gateway = await openGateway({
      port: options.port ?? 3000,
      accountId,
      onRequest: (entry) => {
        activity.add({ kind: 'request', at: Date.now(), entry });
      },
    });
    cleanUps.push(() => gateway.close());
    const suffix = options.suffix ?? 'dev';
    const [synthesized, certificates] = await Promise.all([stacksFor(root, suffix, options), developmentCertificates(paypalCommonName)]);
    const aws = await startEmbeddedAws({ port: options.awsPort ?? 0, accountId, region: synthesized.region });
    cleanUps.push(() => aws.close());
    const place: Place = { accountId, region: synthesized.region };
    const clients = awsClients(aws.endpoint, place.region);
    cleanUps.push(() => {
      clients.destroy();
    });

    options.onStep?.('making the resources');
    const catalogue = provisionerCatalogue(clients, { apiUrl: gateway.url, awsEndpoint: aws.endpoint });
    const provisioned = await provisionStacks(synthesized.stacks, catalogue, place);
    const secrets = developmentSecrets(gateway.url);
    await putSecrets(clients, provisioned, secrets);
    const pipeline = pipelineFrom(provisioned.resources);
    observe(aws, activity);

    options.onStep?.('starting the functions');
    const trust = paypalLocalTrust(certificates, gateway.url);
    const receivers = receiversOf(pipeline);
    const scheduled = new Set(pipeline.scheduleTriggers.map(({ functionName }) => functionName));
    const host = hostPipeline({
      pipeline,
      clients,
      endpoint: aws.endpoint,
      region: place.region,
      activity,
      // The key names the function, so that an observer of the embedded AWS can tell whose call it is.
      extraVariables: (name) => ({
        AWS_ACCESS_KEY_ID: name,
        ...(receivers.has(name) && { PAYPAL_LOCAL_TRUST: trust }),
        ...(scheduled.has(name) && options.providerApiOrigin !== undefined && { PROVIDER_API_LOCAL_ORIGIN: options.providerApiOrigin }),
      }),
      environments,
      streamIdleMs,
    });
    cleanUps.push(() => host.stop());
    aws.on('stream-record', () => {
      host.wake();
    });
    await host.warmUp();
    gateway.serve({ ...pipeline, files: new Map([[paypalCertificatePath, certificates.certificatePem]]) }, host.invoke);

    const metrics = new MetricsWindow();
    activity.subscribe((one) => {
      metrics.add(one);
    });
    const control = await startControl({ host, aws, metrics });
    cleanUps.push(() => control.close());

    const state = runState({ gateway, aws, place, suffix, secrets, certificates, provisioned, control });
    if (options.findable !== false) {
      writeRunState(root, state);
      cleanUps.push(() => {
        removeRunState(root, process.pid);
      });
    }
    return {
      apiUrl: gateway.url,
      awsEndpoint: aws.endpoint,
      place,
      secrets,
      certificates,
      state,
      pipeline,
      resources: provisioned.resources,
      clients,
      aws,
      activity,
      invoke: host.invoke,
      waitForIdle: (timeoutMs = 30_000) => host.waitForIdle(timeoutMs),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareRun(root: string, suffix: string, options: LocalOptions): Promise<PreparedRun> {
  const packageDirectory = path.resolve(root, options.workDir ?? '.', 'dist');
  const synthDirectory = path.resolve(root, options.workDir ?? '.local', 'synth');
  options.onStep?.('building the functions');
  await build({ root, outDir: packageDirectory });
  options.onStep?.('synthesizing the stacks');
  await synthesize({ root, packageDirectory, outDir: synthDirectory, suffix, variables: options.variables ?? {} });
  return { packageDirectory, synthDirectory };
}

async function stacksFor(root: string, suffix: string, options: LocalOptions) {
  const { synthDirectory } = options.prepared ?? (await prepareRun(root, suffix, options));
  const stacks = readSynthesizedStacks(synthDirectory);
  const region = stacks.find((stack) => stack.region !== undefined)?.region;
  if (region === undefined) throw new Error('the stacks name no AWS region');
  return { stacks, region };
}

/** Functions that take what somebody posts. */
function receiversOf({ apis }: Pipeline): ReadonlySet<string> {
  const posts = apis.flatMap(({ routes }) => routes.filter(({ httpMethod }) => httpMethod === 'POST' || httpMethod === 'ANY'));
  return new Set(posts.map(({ functionName }) => functionName));
}

async function putSecrets({ secrets: client }: AwsClients, { resources }: Provisioned, secrets: DevelopmentSecrets): Promise<void> {
  const names = resources.filter(({ type }) => type === 'aws_secretsmanager_secret').map(({ settings }) => settings.text('name'));
  await Promise.all(
    Object.entries(secrets).map(async ([provider, value]) => {
      const name = names.find((candidate) => candidate.endsWith(`/${provider}`));
      if (name === undefined) throw new Error(`the stacks make no secret for ${provider}`);
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) }));
    }),
  );
}

function observe(aws: EmbeddedAws, activity: ActivityLog): void {
  const at = (): number => Date.now();
  aws.on('sns-publish', (message) => {
    activity.add({ kind: 'alert', at: at(), message });
  });
  aws.on('dead-letter', (letter) => {
    activity.add({ kind: 'dead-letter', at: at(), letter });
  });
  aws.on('put-events', (event) => {
    activity.add({ kind: 'published', at: at(), event });
  });
  aws.on('put-object', (object) => {
    activity.add({ kind: 'object', at: at(), object });
  });
  aws.on('target-failed', ({ targetArn, errorCode }) => {
    activity.add({ kind: 'problem', at: at(), text: `a rule could not deliver to ${targetArn}: ${errorCode}` });
  });
  aws.on('unknown-call', ({ service, call, message }) => {
    activity.add({ kind: 'problem', at: at(), text: `the embedded AWS does not know ${message} (${service} ${call})` });
  });
}

interface StateParts {
  readonly gateway: Gateway;
  readonly aws: EmbeddedAws;
  readonly place: Place;
  readonly suffix: string;
  readonly secrets: DevelopmentSecrets;
  readonly certificates: DevelopmentCertificates;
  readonly provisioned: Provisioned;
  readonly control: ControlAccess;
}

function runState({ gateway, aws, place, suffix, secrets, certificates, provisioned, control }: StateParts): RunState {
  return {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    apiUrl: gateway.url,
    awsEndpoint: aws.endpoint,
    ...place,
    suffix,
    secrets: {
      stripe: { signingSecrets: [...secrets.stripe.signingSecrets] },
      paypal: { webhookIds: [...secrets.paypal.webhookIds], environment: 'sandbox' },
      square: { subscriptions: [...secrets.square.subscriptions] },
      generic: { signingSecrets: [...secrets.generic.signingSecrets] },
    },
    paypalSigner: {
      webhookId: secrets.paypal.webhookIds[0] ?? '',
      privateKeyPem: certificates.privateKeyPem,
      certificateUrl: paypalCertificateUrl,
      rootPem: certificates.rootPem,
    },
    control: { url: control.url, token: control.token },
    outputs: { ...provisioned.outputs },
    resources: provisioned.resources.map(({ type, settings }) => {
      const arn = settings.optionalText('arn');
      const url = settings.optionalText('url');
      return { type, name: nameOf(settings), ...(arn === undefined ? {} : { arn }), ...(url === undefined ? {} : { url }) };
    }),
  };
}

function nameOf(settings: Provisioned['resources'][number]['settings']): string {
  return (
    settings.optionalText('name') ??
    settings.optionalText('function_name') ??
    settings.optionalText('bucket') ??
    settings.optionalText('id') ??
    ''
  );
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= run());
}
