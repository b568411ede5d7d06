/** What is used of API Gateway's proxy event (REST, version 1) and of a Function URL's (version 2). */
export interface HttpEvent {
  readonly headers?: Readonly<Record<string, string | null | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly (string | null)[] | null | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly requestContext?: { readonly requestId?: string } | null;
}

/** What a function answers, before it is put in Lambda's words. */
export interface Answer {
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The HTTP edge: one of the two places that catch. Every answer is JSON with the `requestId`; what `handle` throws is answered by
 * `onFault`, which logs it and never tells the caller more than a fixed text.
 */
export function httpEdge<Event extends HttpEvent>(
  handle: (event: Event, requestId: string) => Promise<Answer>,
  onFault: (error: unknown, requestId: string, event: Event) => Answer,
): (event: Event, context?: { readonly awsRequestId?: string }) => Promise<HttpResponse> {
  return async (event, context) => {
    // Lambda's id comes first: a caller can choose API Gateway's with a header of its own.
    const requestId = context?.awsRequestId ?? event.requestContext?.requestId ?? 'unknown';
    const { statusCode, body, headers } = await handle(event, requestId).catch((error: unknown) => onFault(error, requestId, event));
    return {
      statusCode,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
      body: JSON.stringify({ ...body, requestId }),
    };
  };
}

/** Every value of every header, names in lower case, in the order in which they came. A value that is null counts as none. */
export function headersOf(event: HttpEvent): Record<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? singleValued(event.headers))) {
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), ...(values ?? []).filter((value) => value !== null)]);
  }
  return Object.fromEntries(headers);
}

function singleValued(headers: HttpEvent['headers']): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, value === undefined || value === null ? [] : [value]]),
  );
}

/** The raw bytes of the body as they were sent; none when there was no body. */
export function bodyOf(event: HttpEvent): Uint8Array {
  return Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8');
}

/** The X-Ray trace header of this invocation, when there is one. */
export function traceHeaderOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const header = environment['_X_AMZN_TRACE_ID'];
  return header === undefined || header === '' ? undefined : header;
}
