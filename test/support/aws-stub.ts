import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One call as it came over the wire. */
export interface AwsCall {
  /** The operation's name; for S3, which has none, the HTTP method. */
  readonly operation: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The JSON or form that the call carries; empty for S3. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AwsReply {
  readonly status?: number;
  readonly json?: unknown;
  readonly xml?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `head`: never answers; `body`: answers, and stalls in the body. */
  readonly hang?: 'head' | 'body';
}

/** A stand-in for every AWS endpoint, on the loopback interface. */
export interface AwsStub {
  readonly calls: AwsCall[];
  /** How an operation is answered from now on; `{}` with status 200 unless set. */
  on(operation: string, reply: AwsReply | ((call: AwsCall, attempt: number) => AwsReply)): void;
  /** Forgets calls and answers. */
  reset(): void;
  /** The inputs of an operation's calls. */
  inputs(operation: string): Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** Starts the stub and points the SDK's clients to it, through the variables that Lambda itself would set. */
export async function startAwsStub(): Promise<AwsStub> {
  const calls: AwsCall[] = [];
  const replies = new Map<string, AwsReply | ((call: AwsCall, attempt: number) => AwsReply)>();
  const server = createServer((request, response) => {
    void readCall(request).then((call) => {
      calls.push(call);
      const reply = replies.get(call.operation) ?? {};
      const attempt = calls.filter(({ operation }) => operation === call.operation).length;
      send(response, typeof reply === 'function' ? reply(call, attempt) : reply);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'ap-southeast-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  return {
    calls,
    on: (operation, reply) => replies.set(operation, reply),
    reset: () => {
      calls.length = 0;
      replies.clear();
    },
    inputs: (operation) => calls.filter((call) => call.operation === operation).map(({ input }) => input),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** An AWS JSON error, as the services write it. */
export function awsError(name: string, status = 400, extra: Readonly<Record<string, unknown>> = {}): AwsReply {
  return { status, json: { __type: `com.amazonaws.test#${name}`, message: name, ...extra }, headers: { 'x-amzn-errortype': name } };
}

async function readCall(request: IncomingMessage): Promise<AwsCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { target, input } = contentOf(request, body);
  return { operation: target ?? request.method ?? '', path: request.url ?? '', headers: request.headers, body, input };
}

function contentOf(request: IncomingMessage, body: Buffer): { target?: string; input: Record<string, unknown> } {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return { target: target.replace(/^.*\./, ''), input: objectOf(JSON.parse(body.toString('utf8'))) };
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    const form = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    return { target: form['Action'] ?? '', input: form };
  }
  return { input: {} };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function send(response: ServerResponse, { status = 200, json, xml, headers = {}, hang }: AwsReply): void {
  if (hang === 'head') return;
  const type = xml === undefined ? 'application/x-amz-json-1.0' : 'text/xml';
  response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'stub', ...headers });
  if (hang === 'body') {
    response.write('{"unfinished":');
    return;
  }
  response.end(xml ?? (json === undefined ? '' : JSON.stringify(json)));
}
