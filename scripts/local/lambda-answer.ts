import { isJsonArray, isObject, type Json } from './json';

/** An HTTP answer made from what a function returned. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
}

/** The answer to a proxy integration; undefined when the function's result is malformed, which API Gateway answers with 502. */
export function proxyAnswer(payload: Json): HttpAnswer | undefined {
  if (!isObject(payload)) return undefined;
  const status = statusOf(payload['statusCode']);
  const headers = headersOf(payload['headers'], payload['multiValueHeaders']);
  const body = payload['body'] ?? '';
  const known = ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded'];
  if (status === undefined || headers === undefined || typeof body !== 'string') return undefined;
  if (Object.keys(payload).some((name) => !known.includes(name))) return undefined;
  return {
    status,
    headers: withContentType(headers),
    body: Buffer.from(body, payload['isBase64Encoded'] === true ? 'base64' : 'utf8'),
  };
}

/** The answer of a Function URL (payload version 2.0): anything that is no answer object is a JSON body. */
export function functionUrlAnswer(payload: Json): HttpAnswer {
  const status = isObject(payload) ? statusOf(payload['statusCode']) : undefined;
  if (!isObject(payload) || status === undefined) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return { status: 200, headers: { 'content-type': ['application/json'] }, body: Buffer.from(body) };
  }
  const body = payload['body'];
  return {
    status,
    headers: withContentType(headersOf(payload['headers'], undefined) ?? {}),
    body: Buffer.from(typeof body === 'string' ? body : '', payload['isBase64Encoded'] === true ? 'base64' : 'utf8'),
  };
}

function statusOf(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}

function headersOf(single: Json | undefined, multiple: Json | undefined): Record<string, readonly string[]> | undefined {
  const headers: Record<string, readonly string[]> = {};
  if (isObject(single)) for (const [name, value] of Object.entries(single)) headers[name] = [headerText(value)];
  else if (single !== undefined && single !== null) return undefined;
  if (isObject(multiple)) {
    for (const [name, values] of Object.entries(multiple)) {
      if (!isJsonArray(values)) return undefined;
      headers[name] = values.map(headerText);
    }
  }
  return headers;
}

function headerText(value: Json): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function withContentType(headers: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return named ? headers : { ...headers, 'Content-Type': ['application/json'] };
}
