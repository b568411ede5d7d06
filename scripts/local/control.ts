import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as v from 'valibot';
import type { EmbeddedAws } from './aws/embedded-aws';
import type { PipelineHost } from './host';
import { parseJson } from './json';
import type { MetricsWindow } from './metrics-window';

/** How a tool of the same person reaches a local run: where, and what proves that it may. */
export interface ControlAccess {
  readonly url: string;
  readonly token: string;
}

export interface Control extends ControlAccess {
  close(): Promise<void>;
}

export const controlStatusSchema = v.object({
  queueTriggers: v.array(v.object({ functionName: v.string(), queueArn: v.string(), paused: v.boolean() })),
  queues: v.array(v.object({ name: v.string(), visible: v.number(), inFlight: v.number(), oldestAgeSeconds: v.number() })),
  /** Of the last hour. */
  metrics: v.optional(v.object({ counts: v.record(v.string(), v.number()), lagP99Ms: v.nullable(v.number()) })),
});

/** What a local run says of itself, beyond what its AWS can be asked. */
export type ControlStatus = v.InferOutput<typeof controlStatusSchema>;

export interface Controlled {
  readonly host: Pick<PipelineHost, 'queueTriggers' | 'setPaused' | 'invoke'>;
  readonly aws: Pick<EmbeddedAws, 'queueDepths'>;
  readonly metrics?: Pick<MetricsWindow, 'summary'>;
}

/**
 * What event source mappings are on AWS: `GET /status`, `POST /functions/<name>/pause` and `/resume`; and Lambda's Invoke, `POST
 * /functions/<name>/invoke` with the event as its body, on a free loopback port. The token
 * stands in the run's state file, which its owner alone can read, so no page in a browser can call it.
 */
export async function startControl(controlled: Controlled): Promise<Control> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    void answer(request, token, controlled).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${portOf(server)}`, token, close: () => closed(server) };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer(request: IncomingMessage, token: string, { host, aws, metrics }: Controlled): Promise<Answer> {
  const { headers, method, url = '' } = request;
  if (!isBearer(headers.authorization, token)) return { status: 401, body: { error: 'the token is in .local/run.json' } };
  const [, functionName, verb] = /^\/functions\/([\w-]+)\/(pause|resume)$/.exec(url) ?? [];
  const [, invoked] = /^\/functions\/([\w-]+)\/invoke$/.exec(url) ?? [];
  try {
    if (method === 'POST' && invoked !== undefined) return await invocation(host, invoked, request);
    if (method === 'POST' && functionName !== undefined) await host.setPaused(functionName, verb === 'pause');
    else if (method !== 'GET' || url !== '/status') return { status: 404, body: { error: 'there is no such call' } };
    const queues = aws
      .queueDepths()
      .map(({ name, visible, inFlight, oldestAgeSeconds }) => ({ name, visible, inFlight, oldestAgeSeconds }));
    const counted = metrics === undefined ? {} : { metrics: metrics.summary(Date.now()) };
    return { status: 200, body: { queueTriggers: [...host.queueTriggers], queues, ...counted } satisfies ControlStatus };
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

const maxEventBytes = 64 * 1024;

async function invocation({ invoke }: Controlled['host'], functionName: string, request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk) || (bytes += chunk.byteLength) > maxEventBytes) throw new Error('the event is too large');
    chunks.push(chunk);
  }
  const outcome = await invoke(functionName, parseJson(Buffer.concat(chunks).toString('utf8')));
  if (!outcome.ok) throw new Error(outcome.error.errorMessage);
  return { status: 200, body: { payload: outcome.payload } };
}

function isBearer(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the control has no port');
  return address.port;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
