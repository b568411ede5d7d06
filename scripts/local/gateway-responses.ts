import type { HttpAnswer } from './lambda-answer';
import type { Settings } from './settings';

/** Reasons for which API Gateway answers itself in the local run, with the status and the words that it uses unless told otherwise. */
const reasons = {
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token', fallback: 'DEFAULT_4XX' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long', fallback: 'DEFAULT_4XX' },
  THROTTLED: { status: 429, message: 'Too Many Requests', fallback: 'DEFAULT_4XX' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out', fallback: 'DEFAULT_5XX' },
  /** The function failed, or its answer is malformed; it has no type of its own. */
  BAD_GATEWAY: { status: 502, message: 'Internal server error', fallback: 'DEFAULT_5XX' },
  INTERNAL_ERROR: { status: 500, message: 'Internal server error', fallback: 'DEFAULT_5XX' },
} as const;

export type GatewayReason = keyof typeof reasons;

interface GatewayResponse {
  /** Undefined: the reason's own. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The body for JSON, with `$context` variables. */
  readonly template: string;
}

/** By response type. */
export type GatewayResponses = ReadonlyMap<string, GatewayResponse>;

export interface RequestIds {
  readonly requestId: string;
  readonly extendedRequestId: string;
}

/** What API Gateway says where nothing is configured. */
const plainTemplate = '{"message":$context.error.messageString}';
const jsonType = 'application/json';
const headerPrefix = 'gatewayresponse.header.';
const variables = ['requestId', 'extendedRequestId', 'error.message', 'error.messageString', 'error.responseType'];

/** Reads an API's gateway responses. Throws an error that names the resource for a template or a header that the local run cannot fill in. */
export function gatewayResponsesFrom(responses: readonly Settings[]): GatewayResponses {
  return new Map(responses.map((response) => [response.text('response_type'), gatewayResponse(response)]));
}

/** The answer of API Gateway itself: the reason's own configuration goes before the default of its class. */
export function gatewayAnswer(responses: GatewayResponses, reason: GatewayReason, ids: RequestIds): HttpAnswer {
  const { status, message, fallback } = reasons[reason];
  const response = responses.get(reason) ?? responses.get(fallback);
  const values: Readonly<Record<string, string>> = {
    ...ids,
    'error.message': message,
    'error.messageString': JSON.stringify(message),
    'error.responseType': reason,
  };
  const body = (response?.template ?? plainTemplate).replace(variable, (_whole, name: string) => values[name] ?? '');
  const headers = Object.entries({ 'Content-Type': jsonType, ...response?.headers }).map(([name, value]) => [name, [value]] as const);
  return { status: response?.status ?? status, headers: Object.fromEntries(headers), body: Buffer.from(body) };
}

const variable = /\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)/g;

function gatewayResponse(settings: Settings): GatewayResponse {
  const { [jsonType]: template = plainTemplate, ...others } = settings.map('response_templates');
  const [otherType] = Object.keys(others);
  if (otherType !== undefined) settings.fail('response_templates', `has one for ${otherType}: the local run knows ${jsonType} only`);
  const unknown = [...template.matchAll(variable)].find(([, name]) => !variables.includes(name ?? ''));
  if (unknown !== undefined) settings.fail('response_templates', `names ${unknown[0]}, which the local run does not know`);
  return { status: settings.optionalNumber('status_code') || undefined, headers: headersOf(settings), template };
}

function headersOf(settings: Settings): Readonly<Record<string, string>> {
  const parameters = Object.entries(settings.map('response_parameters'));
  return Object.fromEntries(
    parameters.map(([name, value]) => {
      const fixed = /^'(.*)'$/.exec(value)?.[1];
      if (!name.startsWith(headerPrefix)) return settings.fail('response_parameters', `has ${name}, which is no header`);
      if (fixed === undefined)
        return settings.fail('response_parameters', `takes ${name} from the request: the local run knows fixed values only`);
      return [name.slice(headerPrefix.length), fixed];
    }),
  );
}
