import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error';
import { type Call, findOperation, type Operations, type Reply, type Request } from './service';
import type { ServiceName } from './service-name';
import { renderXml, type XmlValue } from './xml';

/** A service that speaks the AWS query protocol: a form in, XML out. */
export interface QueryService {
  name: ServiceName;
  namespace: string;
  operations: Operations;
}

/** A form's parameters as a tree: `A.entry.1.Name` is a list of entries, `A.member.1` of members. */
export type FormValue = string | { [name: string]: FormValue };

/** Reads a form into its tree. */
function parseForm(body: string): Record<string, FormValue> {
  const root: Record<string, FormValue> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const parts = name.split('.');
    const last = parts.pop() ?? name;
    let node = root;
    for (const part of parts) {
      const existing = node[part];
      const next = typeof existing === 'object' ? existing : {};
      node[part] = next;
      node = next;
    }
    node[last] = value;
  }
  return root;
}

/** The entries of a form's list or map, in the order of their numbers. */
export function formList(value: FormValue | undefined): FormValue[] {
  if (value === undefined || typeof value === 'string') return [];
  const list = value['entry'] ?? value['member'];
  if (list === undefined || typeof list === 'string') return [];
  return Object.entries(list)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}

function xmlReply(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() }, body };
}

function isXmlValue(value: unknown): value is XmlValue {
  if (value === undefined || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).every(isXmlValue);
}

function render(service: QueryService, name: string, output: unknown): string {
  const result = renderXml(`${name}Result`, isXmlValue(output) ? output : undefined);
  const metadata = renderXml('ResponseMetadata', { RequestId: randomUUID() });
  return `<${name}Response xmlns="${service.namespace}">${result}${metadata}</${name}Response>`;
}

function fail(service: QueryService, error: AwsError): Reply {
  const details = { Type: error.status >= 500 ? 'Receiver' : 'Sender', Code: error.code, Message: error.message };
  const body = renderXml('Error', details) + renderXml('RequestId', randomUUID());
  return xmlReply(error.status, `<ErrorResponse xmlns="${service.namespace}">${body}</ErrorResponse>`);
}

/** The call that a request makes of a query service. */
export function queryCall(service: QueryService, request: Request): Call {
  const form = parseForm(request.body.toString('utf8'));
  const { Action, Version, ...input } = form;
  const name = typeof Action === 'string' ? Action : 'a request without Action';
  return {
    service: service.name,
    operation: name,
    input,
    async run() {
      if (Version === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter Version');
      const output: unknown = await findOperation(service.name, service.operations, name)(input, request);
      return xmlReply(200, render(service, name, output));
    },
    fail: (error) => fail(service, error),
  };
}
