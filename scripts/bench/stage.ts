import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build as esbuild } from 'esbuild';
import { build } from '../build';
import { isObject, parseJsonObject } from '../local/json';
import { sampleBody } from '../local/webhook';
import { signStripe } from '../local/signing';

/** A Lambda handler as the runtime calls it. */
export type Handler = (event: unknown, context: { readonly awsRequestId: string }) => Promise<unknown>;

/** Bundles and a stub AWS in a folder that goes away with it. */
export interface BenchStage {
  readonly folder: string;
  /** `http://127.0.0.1:<port>` of the stub. */
  readonly endpoint: string;
  /** What a function needs to find the stub. */
  readonly variables: Readonly<Record<string, string>>;
  /** Path of the code of a function of ours, as it is in the zip. */
  bundleOf(functionName: string): string;
  /** Calls that the stub has answered so far, by operation. */
  calls(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** The signing secret that the stub hands out. */
const secret = 'whsec_development_only_stripe';

/** Builds the functions and starts the stub. Throws when either fails. */
export async function openStage(): Promise<BenchStage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  await build({ outDir: path.join(folder, 'dist') });
  const stub = await startStub();
  const endpoint = `http://127.0.0.1:${stub.port}`;
  return {
    folder,
    endpoint,
    variables: variablesFor(endpoint),
    bundleOf: (functionName) => path.join(folder, 'dist', functionName, 'index.js'),
    calls: async () => countsIn(await (await fetch(`${endpoint}/calls`)).text()),
    async close() {
      stub.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function countsIn(text: string): Record<string, number> {
  const entries = Object.entries(parseJsonObject(text) ?? {});
  return Object.fromEntries(entries.flatMap(([name, count]) => (typeof count === 'number' ? [[name, count]] : [])));
}

async function startStub(): Promise<{ port: number; end: () => void }> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'stub-aws.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`the stub AWS ended with ${String(code)}`));
    });
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(Number(chunk.toString()));
    });
  });
  return { port, end: () => child.stdin.end() };
}

/** What every measured function reads, with a stub behind it. */
export function variablesFor(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'ap-southeast-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    PAYMENT_TABLE_NAME: 'payment-events-bench',
    ARCHIVE_BUCKET_NAME: 'webhook-archive-bench',
    SECRET_NAME_PREFIX: 'payment-webhooks/bench/',
    ENABLED_PROVIDERS: 'stripe',
    MAX_BODY_BYTES: '1048576',
    EVENT_RETENTION_DAYS: '90',
    MAX_ATTEMPTS: '3',
    REQUEST_TIMEOUT_MS: '10000',
    EVENT_BUS_NAME: 'payment-events-bench',
    CONFIG_PARAMETER_NAME: '/payment-webhook/bench/config',
    // The plain receiver's name for it, and the processor's.
    QUEUE_URL: `${endpoint}/123456789012/processing`,
    PROCESSING_QUEUE_URL: `${endpoint}/123456789012/processing`,
    RETRY_DELAYS_SECONDS: '30',
  };
}

/** How a baseline is made into one file: `transpiled` keeps node_modules outside, `defaults` is `esbuild --bundle --platform=node --minify`. */
export async function bundleBaseline(stage: BenchStage, name: string, how: 'transpiled' | 'defaults'): Promise<string> {
  // Beside the project's node_modules where it needs them.
  const folder = how === 'transpiled' ? path.resolve('.local', 'bench') : stage.folder;
  await mkdir(folder, { recursive: true });
  const outfile = path.join(folder, `${name}-${how}.cjs`);
  const source = path.join(__dirname, 'baseline', `${name}.ts`);
  await esbuild({
    entryPoints: [source],
    outfile,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    bundle: how === 'defaults',
    minify: how === 'defaults',
    logLevel: 'error',
  });
  return outfile;
}

/** A handler that answers at once: what a Lambda costs that does nothing. */
export async function emptyHandler(stage: BenchStage): Promise<string> {
  const file = path.join(stage.folder, 'empty.cjs');
  await writeFile(file, 'exports.handler = async () => ({ statusCode: 200, headers: {}, body: "{}" });\n');
  return file;
}

/** Loads a bundle into this process; its clients find the stub by the variables. Throws when it exports no handler. */
export function loadHandler(file: string, stage: BenchStage): Handler {
  Object.assign(process.env, stage.variables);
  const loaded: unknown = createRequire(__filename)(file);
  const handler: unknown = typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'handler') : undefined;
  if (!isHandler(handler)) throw new Error(`${file} exports no handler`);
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

/** A signed Stripe webhook as API Gateway hands it over; every one has an event id of its own. */
export function stripeEvent(): Readonly<Record<string, unknown>> {
  const body = sampleBody('stripe', 'payment_intent.succeeded', { amount: '20' });
  const headers = { 'Content-Type': 'application/json; charset=utf-8', ...signStripe(body, secret, new Date()) };
  return {
    httpMethod: 'POST',
    path: '/webhook/stripe',
    pathParameters: { provider: 'stripe' },
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: body.toString(),
    isBase64Encoded: false,
    requestContext: { requestId: 'bench' },
  };
}

/** Throws when a webhook was not answered 200: a bench of failures would be fast and worth nothing. */
export function mustBeOk(answer: unknown): void {
  if (isObject(answer) && answer['statusCode'] === 200) return;
  throw new Error(`a handler answered ${JSON.stringify(answer)}`);
}

/** Keeps what handlers log out of the table, and counts nothing of a terminal's speed. */
export async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  try {
    return await run();
  } finally {
    process.stdout.write = write;
  }
}
