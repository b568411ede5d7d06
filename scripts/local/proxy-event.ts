import type { ApiSettings, Route } from './pipeline';

/** An HTTP request as it came in. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
}

export interface ProxyEventInput {
  readonly request: HttpRequest;
  readonly api: Pick<ApiSettings, 'id' | 'stage' | 'stageVariables' | 'binaryMediaTypes'>;
  readonly route: Pick<Route, 'resourcePath' | 'resourceId'>;
  /** The path without the stage. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly accountId: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly domainName: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The event that a REST API hands to a proxy integration, payload version 1.0. */
export function proxyEvent(input: ProxyEventInput) {
  const { request, api, route, path } = input;
  const headers = groupHeaders(request.rawHeaders);
  const query = queryOf(request.url);
  const isBase64Encoded = request.body.length > 0 && isBinary(headers, api.binaryMediaTypes);
  return {
    resource: route.resourcePath,
    path,
    httpMethod: request.method,
    headers: lastValues(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size === 0 ? null : lastValues(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: Object.keys(input.pathParameters).length === 0 ? null : input.pathParameters,
    stageVariables: Object.keys(api.stageVariables).length === 0 ? null : api.stageVariables,
    requestContext: requestContext(input, headers),
    body: request.body.length === 0 ? null : request.body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

function requestContext(input: ProxyEventInput, headers: ReadonlyMap<string, readonly string[]>) {
  const { request, api, route } = input;
  return {
    resourceId: route.resourceId,
    resourcePath: route.resourcePath,
    operationName: null,
    httpMethod: request.method,
    extendedRequestId: input.extendedRequestId,
    requestTime: commonLogTime(input.now),
    path: `/${api.stage}${input.path}`,
    accountId: input.accountId,
    protocol: request.protocol,
    stage: api.stage,
    domainPrefix: input.domainName.split('.')[0] ?? '',
    requestTimeEpoch: input.now,
    requestId: input.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: valueOf(headers, 'user-agent') ?? null,
      user: null,
    },
    domainName: input.domainName,
    apiId: api.id,
  };
}

/** Names as sent; values of a repeated name together, under the name's first spelling. */
function groupHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const spelling = new Map<string, string>();
  const groups = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? '';
    // API Gateway takes these off before the integration.
    if (['connection', 'transfer-encoding', 'content-length', 'expect'].includes(sent.toLowerCase())) continue;
    const name = spelling.get(sent.toLowerCase()) ?? sent;
    spelling.set(sent.toLowerCase(), name);
    const values = groups.get(name) ?? [];
    // Node reads header bytes as Latin-1; API Gateway reads them as UTF-8.
    values.push(Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8'));
    groups.set(name, values);
  }
  return groups;
}

function queryOf(url: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  const start = url.indexOf('?');
  for (const [name, value] of new URLSearchParams(start < 0 ? '' : url.slice(start + 1))) {
    const values = groups.get(name) ?? [];
    values.push(value);
    groups.set(name, values);
  }
  return groups;
}

function lastValues(groups: ReadonlyMap<string, readonly string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries([...groups].map(([name, values]) => [name, values.at(-1) ?? '']));
}

function valueOf(headers: ReadonlyMap<string, readonly string[]>, name: string): string | undefined {
  return [...headers].find(([sent]) => sent.toLowerCase() === name)?.[1].at(-1);
}

/** API Gateway hands a body over as base64 when its content type is one of the API's binary types. */
function isBinary(headers: ReadonlyMap<string, readonly string[]>, binaryMediaTypes: readonly string[]): boolean {
  if (binaryMediaTypes.includes('*/*')) return true;
  const sent = valueOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  return binaryMediaTypes.some((type) => {
    const [group, kind] = type.toLowerCase().split('/');
    return kind === '*' ? sent.startsWith(`${group ?? ''}/`) : sent === type.toLowerCase();
  });
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `09/Apr/2015:12:34:56 +0000` */
export function commonLogTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day}/${months[date.getUTCMonth()] ?? ''}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}

export interface FunctionUrlEventInput {
  readonly request: HttpRequest;
  readonly rawPath: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly domainName: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The event of a Function URL, payload version 2.0. */
export function functionUrlEvent(input: FunctionUrlEventInput) {
  const { request } = input;
  const groups = groupHeaders(request.rawHeaders);
  const headers = Object.fromEntries([...groups].map(([name, values]) => [name.toLowerCase(), values.join(',')]));
  const query = queryOf(request.url);
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: input.rawPath,
    rawQueryString: request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '',
    headers,
    ...(query.size === 0
      ? {}
      : { queryStringParameters: Object.fromEntries([...query].map(([name, values]) => [name, values.join(',')])) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: input.domainName,
      domainPrefix: input.domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: input.rawPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: input.requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(input.now),
      timeEpoch: input.now,
    },
    ...(request.body.length === 0 ? {} : { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}
