import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error';
import { type Call, findOperation, type Operations, type Reply, type Request } from './service';
import type { ServiceName } from './service-name';

/** A service that speaks AWS JSON: its operation is in the header `X-Amz-Target`. */
export interface JsonService {
  name: ServiceName;
  version: '1.0' | '1.1';
  operations: Operations;
  /** SQS tells its old error codes as well. */
  queryErrors?: boolean;
}

function reply(service: JsonService, status: number, output: unknown, headers: Record<string, string> = {}): Reply {
  // A string is JSON already: a stream's records are kept as text.
  const body = typeof output === 'string' ? output : JSON.stringify(output ?? {});
  return {
    status,
    headers: { 'content-type': `application/x-amz-json-${service.version}`, 'x-amzn-requestid': randomUUID(), ...headers },
    body,
  };
}

function fail(service: JsonService, error: AwsError): Reply {
  const headers: Record<string, string> = { 'x-amzn-errortype': error.code };
  if (service.queryErrors === true) headers['x-amzn-query-error'] = `${error.queryCode};Sender`;
  return reply(
    service,
    error.status,
    { __type: `com.amazonaws.${service.name}#${error.code}`, message: error.message, ...error.members },
    headers,
  );
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Told below, as any other body that is no object.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object');
}

/** The call that a request makes of a JSON service. */
export function jsonCall(service: JsonService, name: string, request: Request): Call {
  const input = parseBody(request.body);
  return {
    service: service.name,
    operation: name,
    input,
    async run() {
      const output: unknown = await findOperation(service.name, service.operations, name)(input, request);
      return reply(service, 200, output);
    },
    fail: (error) => fail(service, error),
  };
}
