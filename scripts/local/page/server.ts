import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { LocalRun } from '../run';
import { senders } from '../sample-events';
import { readAssets, type Asset } from './assets';
import { DeadLetterDesk } from './dead-letters';
import { diagramOf, prettyPattern, queuesOf } from './diagram';
import { EventBook } from './event-book';
import { EventReader } from './event-details';
import { Feed } from './feed';
import { refusalOf } from './guard';
import { layOut } from './layout';
import { movementsOn } from './movement';
import { ReplayDesk, replayOrderSchema } from './replaying';
import { samples, sendSample, variants } from './sending';

export interface PageOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Events that are kept; default 10 000. */
  readonly keptEvents?: number;
  /** Default: a new one. */
  readonly token?: string;
}

/** The console page of a local run. */
export interface Page {
  /** With the token; whoever has it may look and send. */
  readonly url: string;
  readonly origin: string;
  readonly token: string;
  close(): Promise<void>;
}

export type PageRun = Pick<
  LocalRun,
  'activity' | 'apiUrl' | 'aws' | 'certificates' | 'clients' | 'pipeline' | 'resources' | 'secrets' | 'state'
>;

type Reply = { readonly status: number; readonly value: unknown } | 'stream';

const bodyLimitBytes = 16 * 1024;

const securityHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Serves the page on a loopback port of its own: the API's port is the one that people open to the internet for a provider to reach. */
export async function startPage(run: PageRun, options: PageOptions): Promise<Page> {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const desk = new Desk(run, options.keptEvents);
  const assets = readAssets();
  let port = options.port;
  const server = createServer((request, response) => {
    answer(request, response, { desk, assets, port, token }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  server.requestTimeout = 30_000;
  port = await listen(server, options.port).catch((error: unknown) => {
    desk.close();
    throw error;
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    url: `${origin}/#token=${token}`,
    origin,
    token,
    close: () =>
      new Promise((resolve) => {
        desk.close();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

interface Served {
  readonly desk: Desk;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly port: number;
  readonly token: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, { desk, assets, port, token }: Served): Promise<void> {
  const { method = '', headers } = request;
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const refusal = refusalOf({ method, path, headers }, port, token);
  if (refusal !== undefined) {
    sendJson(response, refusal.status, { error: refusal.message });
    return;
  }
  const asset = method === 'GET' ? assets.get(path) : undefined;
  if (asset !== undefined) {
    response.writeHead(200, { 'Content-Type': asset.contentType, 'Content-Length': asset.body.length }).end(asset.body);
    return;
  }
  const body = method === 'POST' ? await readBody(request) : '';
  if (body === undefined) {
    sendJson(response, 413, { error: 'too long' });
    return;
  }
  const reply = await desk.reply(`${method} ${path}`, new URLSearchParams(query), body);
  if (reply !== 'stream') sendJson(response, reply.status, reply.value);
  else if (!desk.feed.open(response)) sendJson(response, 503, { error: 'too many pages are open' });
}

const orderSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ sender: v.picklist(senders), event: v.pipe(v.string(), v.maxLength(100)), variant: v.picklist(variants) }),
);
const queueSchema = v.pipe(v.string(), v.parseJson(), v.object({ queue: v.pipe(v.string(), v.maxLength(300)) }));

/** What the page asks for, by method and path. */
class Desk {
  readonly feed: Feed;
  readonly #run: PageRun;
  readonly #book: EventBook;
  readonly #reader: EventReader;
  readonly #letters: DeadLetterDesk;
  readonly #replays: ReplayDesk;
  readonly #queues;
  readonly #layout;
  readonly #unsubscribe: () => void;

  constructor(run: PageRun, keptEvents?: number) {
    this.#run = run;
    this.#book = new EventBook(keptEvents);
    this.#reader = new EventReader(run);
    this.#letters = new DeadLetterDesk(run.clients.sqs);
    this.#replays = new ReplayDesk(run.state);
    this.#queues = queuesOf(run.resources);
    this.#layout = layOut(diagramOf(run.resources, run.pipeline), run.state.suffix);
    this.feed = new Feed({ book: this.#book, depths: () => run.aws.queueDepths(), moveOf: movementsOn(this.#layout) });
    for (const activity of run.activity.entries) this.#add(activity);
    this.#unsubscribe = run.activity.subscribe((activity) => {
      this.#add(activity);
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#replays.close();
    this.feed.close();
  }

  async reply(route: string, query: URLSearchParams, body: string): Promise<Reply> {
    switch (route) {
      case 'GET /api/setup':
        return { status: 200, value: this.#setup() };
      case 'GET /api/stream':
        return 'stream';
      case 'GET /api/event':
        return this.#event(Number(query.get('id')));
      case 'GET /api/letters':
        return this.#withQueue(query.get('queue') ?? '', async (queue) => ({ status: 200, value: await this.#letters.peek(queue) }));
      case 'POST /api/redrive': {
        const asked = v.safeParse(queueSchema, body);
        if (!asked.success) return badRequest;
        return this.#withQueue(asked.output.queue, async (queue) => {
          const value = await this.#letters.redrive(queue);
          return { status: value.ok ? 200 : 409, value };
        });
      }
      case 'POST /api/replay': {
        const order = v.safeParse(replayOrderSchema, body);
        if (!order.success) return badRequest;
        const event = this.#book.byId(order.output.id);
        if (event === undefined) return notKept;
        const value = await this.#replays.replay(event, order.output);
        return { status: value.ok ? 200 : 409, value };
      }
      case 'POST /api/send': {
        const order = v.safeParse(orderSchema, body);
        if (!order.success) return badRequest;
        const keys = { secrets: this.#run.secrets, paypalSigner: this.#run.state.paypalSigner };
        return { status: 200, value: await sendSample(this.#run.apiUrl, keys, order.output) };
      }
      default:
        return { status: 404, value: { error: 'there is nothing here' } };
    }
  }

  #add(activity: Parameters<Feed['add']>[0]): void {
    this.feed.add(activity);
    this.#reader.add(activity);
  }

  #setup() {
    const { apiUrl, awsEndpoint, region, suffix } = this.#run.state;
    const nodes = this.#layout.nodes.map((node) => ({
      ...node,
      rules: node.rules.map((rule) => ({ ...rule, pattern: prettyPattern(rule.pattern) })),
    }));
    const queues = this.#queues.map(({ arn, name, isDeadLetter, sources }) => ({ arn, name, isDeadLetter, sources }));
    return { apiUrl, awsEndpoint, region, suffix, layout: { ...this.#layout, nodes }, queues, samples: samples() };
  }

  async #event(id: number): Promise<Reply> {
    const event = this.#book.byId(id);
    if (event === undefined) return notKept;
    return { status: 200, value: await this.#reader.detailsOf(event, this.feed.alertsOf(id)) };
  }

  async #withQueue(arn: string, work: (queue: ReturnType<typeof queuesOf>[number]) => Promise<Reply>): Promise<Reply> {
    const queue = this.#queues.find((one) => one.arn === arn && one.isDeadLetter);
    return queue === undefined ? { status: 404, value: { error: 'there is no such dead-letter queue' } } : work(queue);
  }
}

const notKept: Reply = { status: 404, value: { error: 'this event is not kept any more' } };
const badRequest: Reply = { status: 400, value: { error: 'this is not what the page sends' } };

/** Undefined when it is longer than anything that the page sends; the rest is read and dropped. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= bodyLimitBytes) chunks.push(chunk);
  }
  return size > bodyLimitBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the page listens on no port'));
      else resolve(address.port);
    });
  });
}
