import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayAnswer, type GatewayReason, type RequestIds } from './gateway-responses';
import { EventTooLarge, newTraceHeader, Throttled, type Invocation } from './lambda-host/hosted-function';
import { functionUrlAnswer, proxyAnswer, type HttpAnswer } from './lambda-answer';
import type { ApiSettings, FunctionUrlSettings, Pipeline, Route } from './pipeline';
import { functionUrlEvent, proxyEvent, type HttpRequest } from './proxy-event';
import { functionUrlPath } from './provisioners/functions';
import { matchRoute } from './routing';
import { TokenBucket } from './token-bucket';

export interface Gateway {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Starts to serve; until then every request is answered 503. */
  readonly serve: (served: Served, invoke: InvokeFunction) => void;
  close(): Promise<void>;
}

interface Served extends Pick<Pipeline, 'apis' | 'functionUrls'> {
  /** Text files by path, beside the API; the development certificates. */
  readonly files: ReadonlyMap<string, string>;
}

export type InvokeFunction = (functionName: string, event: unknown, traceHeader: string) => Promise<Invocation>;

export interface GatewayOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly accountId: string;
  /** One call per answered request. */
  readonly onRequest: (entry: AccessEntry) => void;
}

export interface AccessEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestId: string;
  readonly durationMs: number;
  /** Why the gateway itself answered, when no function did. */
  readonly problem: string | undefined;
}

interface Answer extends HttpAnswer {
  readonly problem?: string;
}

/** `request.body` is undefined when it was larger than API Gateway takes. */
type Respond = (request: Incoming, requestId: string) => Promise<Answer>;
type Incoming = Omit<HttpRequest, 'body'> & { readonly body: Buffer | undefined };
/** API Gateway's own answer to a request. */
type Refuse = (reason: GatewayReason, problem: string) => Answer;

const bodyLimitBytes = 10 * 1024 * 1024;
const tooLarge = `the body is larger than ${String(bodyLimitBytes)} bytes`;

/** The HTTP side of the local run: what API Gateway and Function URLs answer. Listens on loopback only; throws when the port is taken. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  let respond: Respond = () => Promise.resolve(failure(503, 'The local run is starting', 'starting'));
  const server = createServer((incoming, outgoing) => {
    void answerRequest(incoming, outgoing, (request, requestId) => respond(request, requestId), options);
  });
  server.keepAliveTimeout = 75_000;
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    serve: (served, invoke) => {
      respond = responder(served, invoke, options.accountId);
    },
    close: () => closed(server),
  };
}

async function answerRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  respond: Respond,
  options: GatewayOptions,
): Promise<void> {
  const started = performance.now();
  const requestId = randomUUID();
  const answer = await readBody(incoming)
    .then((body) => respond(incomingRequest(incoming, body), requestId))
    .catch((error: unknown) => failure(500, 'Internal server error', messageOf(error)));
  const headers = Object.entries(answer.headers).map(([name, values]) => [name, [...values]] as const);
  outgoing.writeHead(answer.status, {
    ...Object.fromEntries(headers),
    'x-amzn-RequestId': requestId,
    'Content-Length': answer.body.length,
  });
  outgoing.end(answer.body);
  options.onRequest({
    method: incoming.method ?? '',
    path: (incoming.url ?? '').split('?')[0] ?? '',
    status: answer.status,
    requestId,
    durationMs: performance.now() - started,
    problem: answer.problem,
  });
}

function responder({ apis, functionUrls, files }: Served, invoke: InvokeFunction, accountId: string): Respond {
  const served = apis.map((api) => ({ api, bucket: api.throttling && new TokenBucket(api.throttling) }));
  return async (incoming, requestId) => {
    const path = incoming.url.split('?')[0] ?? '/';
    const file = incoming.method === 'GET' ? files.get(path) : undefined;
    if (file !== undefined) return { status: 200, headers: { 'Content-Type': ['text/plain'] }, body: Buffer.from(file) };
    const url = functionUrls.find(({ functionName }) => path.startsWith(functionUrlPath(functionName)));
    if (url !== undefined) return respondFunctionUrl(url, incoming, path, requestId, invoke, accountId);
    const ids = { requestId, extendedRequestId: extendedRequestId() };
    for (const { api, bucket } of served) {
      const resource = withoutStage(path, api.stage);
      const matched = matchRoute(api.routes, incoming.method, resource);
      if (matched === undefined) continue;
      const refuse = refusal(api, ids);
      if (bucket?.take() === false) return refuse('THROTTLED', 'throttled by the stage');
      if (incoming.body === undefined) return refuse('REQUEST_TOO_LARGE', tooLarge);
      const request = { ...incoming, body: incoming.body };
      const event = proxyEvent({
        request,
        api,
        route: matched.route,
        path: resource,
        pathParameters: matched.pathParameters,
        accountId,
        ...ids,
        domainName: hostOf(request),
        now: Date.now(),
      });
      return respondProxy(matched.route, event, invoke, refuse);
    }
    // Each API has a host of its own on AWS; here an unknown path belongs to the first.
    return refusal(served[0]?.api, ids)('MISSING_AUTHENTICATION_TOKEN', 'no such route');
  };
}

function refusal(api: Pick<ApiSettings, 'responses'> | undefined, ids: RequestIds): Refuse {
  return (reason, problem) => ({ ...gatewayAnswer(api?.responses ?? new Map(), reason, ids), problem });
}

async function respondProxy(route: Route, event: ReturnType<typeof proxyEvent>, invoke: InvokeFunction, refuse: Refuse): Promise<Answer> {
  const trace = newTraceHeader();
  try {
    const invocation = await withTimeout(
      invokeSafely(() => invoke(route.functionName, withTrace(event, trace), trace), refuse),
      route.timeoutMs,
    );
    if (invocation === undefined) return refuse('INTEGRATION_TIMEOUT', 'integration timeout');
    if ('status' in invocation) return invocation;
    if (!invocation.ok) return refuse('BAD_GATEWAY', invocation.error.errorMessage);
    return proxyAnswer(invocation.payload) ?? refuse('BAD_GATEWAY', 'malformed Lambda proxy response');
  } catch (error) {
    return refuse('INTERNAL_ERROR', messageOf(error));
  }
}

async function respondFunctionUrl(
  { functionName, authorizationType }: FunctionUrlSettings,
  incoming: Incoming,
  path: string,
  requestId: string,
  invoke: InvokeFunction,
  accountId: string,
): Promise<Answer> {
  if (authorizationType !== 'NONE') return failure(403, 'Forbidden', 'the Function URL wants AWS credentials');
  if (incoming.body === undefined) return urlRefusal('REQUEST_TOO_LARGE', tooLarge);
  const request = { ...incoming, body: incoming.body };
  const rawPath = path.slice(functionUrlPath(functionName).length - 1);
  const event = functionUrlEvent({ request, rawPath, requestId, accountId, domainName: hostOf(request), now: Date.now() });
  const invocation = await invokeSafely(() => invoke(functionName, event, newTraceHeader()), urlRefusal);
  if ('status' in invocation) return invocation;
  if (!invocation.ok) return failure(502, 'Internal Server Error', invocation.error.errorMessage);
  return functionUrlAnswer(invocation.payload);
}

/** The stage has active tracing: the function sees the root of the trace among the headers. */
function withTrace(event: ReturnType<typeof proxyEvent>, trace: string): ReturnType<typeof proxyEvent> {
  const root = trace.replace(/;.*$/, '');
  return {
    ...event,
    headers: { ...event.headers, 'X-Amzn-Trace-Id': root },
    multiValueHeaders: { ...event.multiValueHeaders, 'X-Amzn-Trace-Id': [root] },
  };
}

async function invokeSafely(invoke: () => Promise<Invocation>, refuse: Refuse): Promise<Invocation | Answer> {
  try {
    return await invoke();
  } catch (error) {
    if (error instanceof Throttled) return refuse('THROTTLED', error.message);
    if (error instanceof EventTooLarge) return refuse('REQUEST_TOO_LARGE', error.message);
    throw error;
  }
}

function withTimeout<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(undefined);
    }, ms);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

/** A Function URL has no configuration of its own for what it says itself. */
const urlRefusal: Refuse = (reason, problem) => ({
  ...gatewayAnswer(new Map(), reason, { requestId: '', extendedRequestId: '' }),
  problem,
});

function failure(status: number, message: string, problem: string): Answer {
  return { status, headers: { 'Content-Type': ['application/json'] }, body: Buffer.from(JSON.stringify({ message })), problem };
}

/** Undefined when it is larger than API Gateway takes; the rest is read and dropped, so that the sender hears the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= bodyLimitBytes) chunks.push(chunk);
  }
  return size > bodyLimitBytes ? undefined : Buffer.concat(chunks);
}

function incomingRequest(incoming: IncomingMessage, body: Buffer | undefined): Incoming {
  return {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    rawHeaders: incoming.rawHeaders,
    body,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    protocol: `HTTP/${incoming.httpVersion}`,
  };
}

/** Both `/webhook/…` and `/prod/webhook/…` are served; on AWS the stage is part of the URL unless a domain hides it. */
function withoutStage(path: string, stage: ApiSettings['stage']): string {
  return path === `/${stage}` || path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) || '/' : path;
}

function hostOf(request: Pick<HttpRequest, 'rawHeaders'>): string {
  const index = request.rawHeaders.findIndex((name, position) => position % 2 === 0 && name.toLowerCase() === 'host');
  return request.rawHeaders[index + 1]?.replace(/:\d+$/, '') ?? '127.0.0.1';
}

function extendedRequestId(): string {
  return `${Buffer.from(randomUUID()).toString('base64').slice(0, 15)}=`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`port ${String(port)} is taken: choose another with npm start -- --port <number>`, { cause: error }) : error,
      );
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(addressOf(server.address()).port);
    });
  });
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
