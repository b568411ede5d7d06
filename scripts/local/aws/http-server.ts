import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AwsError, UnknownCallError } from './aws-error';
import type { Fault } from './faults';
import type { Account, Call, Reply, Request } from './service';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
// Longer than an SDK keeps an idle connection for reuse, so that none is closed under a request.
const KEEP_ALIVE_MS = 120_000;

/** Finds the call that a request makes. */
export type Router = (request: Request) => Call;

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new AwsError('RequestEntityTooLarge', 'The request is over 64 MiB', { status: 413 });
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: Reply, method: string): void {
  if (response.destroyed) return;
  const headers: Record<string, string | number> = { 'content-length': Buffer.byteLength(reply.body), ...reply.headers };
  response.writeHead(reply.status, headers);
  response.end(method === 'HEAD' || reply.status === 204 || reply.status === 304 ? undefined : reply.body);
}

function pause(account: Account, delayMs: number | undefined): Promise<void> {
  if (delayMs === undefined) return Promise.resolve();
  return new Promise((resolve) => account.clock.schedule(delayMs, resolve));
}

function plainFailure(error: AwsError): Reply {
  const body = JSON.stringify({ __type: error.code, message: error.message });
  return { status: error.status, headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() }, body };
}

function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError('InternalFailure', `A fault of the embedded AWS: ${message}`, { status: 500 });
}

/** The answer to a call, with its fault; undefined where the connection is to be cut. */
async function answer(account: Account, call: Call, fault: Fault | undefined): Promise<Reply | undefined> {
  await pause(account, fault?.delayMs);
  if (fault?.dropBeforeEffect === true) return undefined;
  if (fault?.error !== undefined) {
    const { code, status, message } = fault.error;
    return call.fail(new AwsError(code, message ?? 'A fault that was asked for', { status: status ?? 400 }));
  }
  const reply = await call.run();
  await pause(account, fault?.delayAnswerMs);
  return fault?.dropAfterEffect === true ? undefined : reply;
}

async function serve(account: Account, route: Router, message: IncomingMessage, response: ServerResponse): Promise<void> {
  let call: Call | undefined;
  const method = message.method ?? 'GET';
  try {
    const body = await readBody(message);
    const onDisconnect = (listener: () => void) => response.once('close', listener);
    call = route({ method, url: message.url ?? '/', headers: message.headers, body, onDisconnect });
    const reply = await answer(account, call, account.faults.take(call.service, call.operation, call.input));
    if (reply === undefined) message.socket.destroy();
    else send(response, reply, method);
  } catch (thrown) {
    const error = toAwsError(thrown);
    if (error instanceof UnknownCallError) {
      const name = call === undefined ? `${method} ${message.url ?? '/'}` : call.operation;
      account.observers.emit('unknown-call', { service: call?.service ?? 'unknown', call: name, message: error.message });
    }
    send(response, call?.fail(error) ?? plainFailure(error), method);
  }
}

/** Listens on loopback and nowhere else. */
export async function listen(account: Account, route: Router, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((message, response) => {
    void serve(account, route, message, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The embedded AWS has no port');
  return { server, port: address.port };
}
