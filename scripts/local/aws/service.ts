import type { IncomingHttpHeaders } from 'node:http';
import * as v from 'valibot';
import { AwsError, UnknownCallError } from './aws-error';
import type { Clock } from './clock';
import type { Faults } from './faults';
import type { Observers } from './observers';
import type { ServiceName } from './service-name';

/** What every service of one embedded AWS shares. */
export interface Account {
  accountId: string;
  region: string;
  clock: Clock;
  observers: Observers;
  faults: Faults;
  /** `http://127.0.0.1:<port>`, known once the server listens. */
  origin: string;
}

/** One HTTP request, read whole. */
export interface Request {
  method: string;
  /** Path and query as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Called when the client leaves before it has its answer; a long poll must not take messages for it. */
  onDisconnect(listener: () => void): void;
}

/** One HTTP answer. */
export interface Reply {
  status: number;
  headers: Record<string, string | number>;
  body: string | Buffer;
}

/** A request whose service and operation are known. */
export interface Call {
  service: ServiceName;
  operation: string;
  /** The parameters as sent; each operation parses them. */
  input: unknown;
  run(): Reply | Promise<Reply>;
  /** The error in the protocol of this service. */
  fail(error: AwsError): Reply;
}

/** What an operation can see besides its parameters. */
export interface CallContext {
  headers: IncomingHttpHeaders;
  onDisconnect(listener: () => void): void;
}

/** An operation takes parameters as sent and answers its output shape. */
export type Operation = (input: unknown, context: CallContext) => unknown;

/** The operations of a service by name. */
export type Operations = Readonly<Record<string, Operation>>;

/** An operation that parses its parameters first: one that the schema does not list is an error that names it. */
export function operation<const Schema extends v.GenericSchema>(
  schema: Schema,
  run: (input: v.InferOutput<Schema>, context: CallContext) => unknown,
): Operation {
  return (input, context) => {
    const parsed = v.safeParse(schema, input);
    if (parsed.success) return run(parsed.output, context);
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue) ?? 'the request';
    if (issue.type === 'strict_object' && issue.expected === 'never') throw new UnknownCallError(`the parameter ${path}`);
    throw new AwsError('ValidationException', `Parameter ${path} is not valid: ${issue.message}`);
  };
}

/** A parameter that changes nothing here, such as tags. */
export const ignored = v.optional(v.unknown());

/** Finds an operation by name, or says that there is none. */
export function findOperation(service: ServiceName, operations: Operations, name: string): Operation {
  const found = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (found === undefined) throw new UnknownCallError(`the call ${service}:${name}`);
  return found;
}
