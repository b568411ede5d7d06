import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AppliedPipeline } from '../../scripts/terraform/applied-pipeline';

/** An endpoint that is the emulator, but for Lambda's Invoke: that runs the function as the pipeline's host does. */
export interface InvokingEndpoint {
  readonly endpoint: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Puts Lambda's Invoke in front of an emulator, which has nothing to run a function with. */
export async function withInvocations(emulator: string, invoke: AppliedPipeline['invoke']): Promise<InvokingEndpoint> {
  const server = createServer((request, response) => {
    void answer(request, emulator, invoke)
      .catch((error: unknown): Answer => ({ status: 502, headers: {}, body: String(error) }))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${portOf(address)}`,
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
  return address.port;
}

async function answer(request: IncomingMessage, emulator: string, invoke: AppliedPipeline['invoke']): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
  if (name === undefined) return forwarded(request, emulator, body);
  const outcome = await invoke(name, JSON.parse(body.toString('utf8')));
  const json = { 'content-type': 'application/json' };
  if (outcome.ok) return { status: 200, headers: json, body: JSON.stringify(outcome.payload) };
  return { status: 200, headers: { ...json, 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify(outcome.error) };
}

/** Headers that belong to one connection, or that fetch makes itself. */
const own = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'content-encoding', 'expect', 'keep-alive']);

async function forwarded({ method = 'GET', url = '/', headers }: IncomingMessage, emulator: string, body: Buffer): Promise<Answer> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    own.has(name) || typeof value !== 'string' ? [] : [[name, value] as const],
  );
  const init = { method, headers: Object.fromEntries(kept), ...(method !== 'GET' && method !== 'HEAD' && { body: Uint8Array.from(body) }) };
  const response = await fetch(`${emulator}${url}`, init);
  const answered = [...response.headers].filter(([name]) => !own.has(name));
  return { status: response.status, headers: Object.fromEntries(answered), body: Buffer.from(await response.arrayBuffer()) };
}
