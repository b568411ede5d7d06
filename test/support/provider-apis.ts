import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** An event as a provider's list has it. */
export type ApiEvent = Readonly<Record<string, unknown>>;

export interface ApiReply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request as it came. */
export interface ApiCall {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly body: string;
}

export const keys = {
  stripe: { apiKey: 'rk_test_reconcile' },
  paypal: { clientId: 'client-id', clientSecret: 'client-secret' },
  square: { accessToken: 'EAAAsquare', environment: 'sandbox' },
} as const;

/** The three providers' APIs on loopback: windows, pages, order and errors as they document them. */
export class ProviderApis {
  readonly events: Record<'stripe' | 'paypal' | 'square', ApiEvent[]> = { stripe: [], paypal: [], square: [] };
  readonly calls: ApiCall[] = [];
  /** Smaller than the real ones, to have many pages of few events. */
  pageSize = 100;
  #tokens = 0;
  readonly #replies: ((call: ApiCall) => ApiReply | undefined)[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void readCall(request).then((call) => {
        this.calls.push(call);
        send(response, this.#replyTo(call));
      });
    });
  }

  static async start(): Promise<ProviderApis> {
    const apis = new ProviderApis();
    await new Promise<void>((resolve) => apis.#server.listen(0, '127.0.0.1', resolve));
    return apis;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** The next request that `when` holds for is answered so, in place of the real answer; `times` of them. */
  answer(reply: ApiReply, times = 1, when: (call: ApiCall) => boolean = () => true): void {
    let left = times;
    this.#replies.push((call) => {
      if (left === 0 || !when(call)) return undefined;
      left -= 1;
      return reply;
    });
  }

  /** Tokens that PayPal gave out are good no more. */
  expireTokens(): void {
    this.#tokens += 1;
  }

  reset(): void {
    for (const list of Object.values(this.events)) list.length = 0;
    this.calls.length = 0;
    this.#replies.length = 0;
    this.pageSize = 100;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #replyTo(call: ApiCall): ApiReply {
    for (const reply of this.#replies) {
      const special = reply(call);
      if (special !== undefined) return special;
    }
    switch (`${call.method} ${call.url.pathname}`) {
      case 'GET /v1/events':
        return this.#stripe(call);
      case 'POST /v1/oauth2/token':
        return this.#paypalToken(call);
      case 'GET /v1/notifications/webhooks-events':
        return this.#paypal(call);
      case 'POST /v2/events':
        return this.#square(call);
      default:
        return { status: 404, json: { error: 'no such path' } };
    }
  }

  #stripe({ url, authorization }: ApiCall): ApiReply {
    if (authorization !== `Bearer ${keys.stripe.apiKey}`)
      return { status: 401, json: { error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } } };
    const query = url.searchParams;
    const created = (event: ApiEvent): number => Number(event['created']);
    const list = this.events.stripe
      .filter((event) => created(event) >= Number(query.get('created[gte]')) && created(event) < Number(query.get('created[lt]')))
      .toSorted((a, b) => created(b) - created(a));
    const after = query.get('starting_after');
    const start = after === null ? 0 : list.findIndex(({ id }) => id === after) + 1;
    if (after !== null && start === 0) return { status: 400, json: { error: { code: 'resource_missing', param: 'starting_after' } } };
    const data = list.slice(start, start + Math.min(this.pageSize, Number(query.get('limit'))));
    return { json: { object: 'list', url: '/v1/events', has_more: start + data.length < list.length, data } };
  }

  #paypalToken({ authorization, body }: ApiCall): ApiReply {
    const wanted = `Basic ${Buffer.from(`${keys.paypal.clientId}:${keys.paypal.clientSecret}`).toString('base64')}`;
    if (authorization !== wanted || body !== 'grant_type=client_credentials')
      return { status: 401, json: { error: 'invalid_client', error_description: 'Client Authentication failed' } };
    return { json: { scope: 'x', access_token: `token-${this.#tokens}`, token_type: 'Bearer', app_id: 'APP', expires_in: 32400 } };
  }

  #paypal({ url, authorization }: ApiCall): ApiReply {
    if (authorization !== `Bearer token-${this.#tokens}`)
      return { status: 401, json: { error: 'invalid_token', error_description: 'Token signature verification failed' } };
    const query = url.searchParams;
    const at = (event: ApiEvent): number => Date.parse(String(event['create_time']));
    const list = this.events.paypal
      .filter((event) => at(event) >= Date.parse(query.get('start_time') ?? '') && at(event) <= Date.parse(query.get('end_time') ?? ''))
      .toSorted((a, b) => at(b) - at(a));
    const start = Number(query.get('start_index') ?? 0);
    const events = list.slice(start, start + Math.min(this.pageSize, Number(query.get('page_size'))));
    const link = (index: number): string => {
      query.set('start_index', String(index));
      return `https://api.sandbox.paypal.com${url.pathname}?${query.toString()}`;
    };
    const next = start + events.length < list.length ? [{ href: link(start + events.length), rel: 'next', method: 'GET' }] : [];
    return { json: { events, count: list.length, links: [{ href: link(start), rel: 'self', method: 'GET' }, ...next] } };
  }

  #square({ authorization, body }: ApiCall): ApiReply {
    if (authorization !== `Bearer ${keys.square.accessToken}`)
      return { status: 401, json: { errors: [{ category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED' }] } };
    const asked: unknown = JSON.parse(body);
    const { limit, cursor, query } = squareRequest(asked);
    const at = (event: ApiEvent): number => Date.parse(String(event['created_at']));
    const list = this.events.square
      .filter((event) => at(event) >= Date.parse(query.start) && at(event) < Date.parse(query.end))
      .toSorted((a, b) => at(b) - at(a));
    const start = Number(cursor ?? 0);
    const events = list.slice(start, start + Math.min(this.pageSize, limit));
    const next = start + events.length < list.length ? { cursor: String(start + events.length) } : {};
    // Square leaves out what is empty, and writes these times without their zone.
    const listed = events.map((event) => ({ ...event, created_at: String(event['created_at']).replace('Z', '') }));
    return { json: { ...(listed.length === 0 ? {} : { events: listed }), ...next } };
  }
}

function squareRequest(value: unknown) {
  const at = (from: unknown, ...path: readonly string[]): unknown =>
    path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), from);
  const range = (end: string): string => String(at(value, 'query', 'filter', 'created_at', end));
  return { limit: Number(at(value, 'limit')), cursor: at(value, 'cursor'), query: { start: range('start_at'), end: range('end_at') } };
}

async function readCall(request: IncomingMessage): Promise<ApiCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const { method = '', url = '', headers } = request;
  return {
    method,
    url: new URL(url, 'http://127.0.0.1'),
    authorization: headers.authorization ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(response: ServerResponse, { status = 200, json, text, headers = {} }: ApiReply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text ?? JSON.stringify(json ?? {}));
}

/** A payment of a provider that happened then: as its list has it, and as its webhook's body has it, which says more that does not matter. */
export function apiEvent(provider: 'stripe' | 'paypal' | 'square', number: number, at: number): { listed: ApiEvent; webhook: ApiEvent } {
  switch (provider) {
    case 'stripe': {
      const object = {
        id: `pi_${number}`,
        object: 'payment_intent',
        amount: 4990,
        amount_received: 4990,
        currency: 'usd',
        status: 'succeeded',
      };
      const event = { id: `evt_${number}`, object: 'event', type: 'payment_intent.succeeded', livemode: false, data: { object } };
      const listed = { ...event, created: Math.floor(at / 1000), pending_webhooks: 0, request: { id: null } };
      return { listed, webhook: { ...listed, pending_webhooks: 2, request: { id: 'req_1', idempotency_key: 'k' } } };
    }
    case 'paypal': {
      const amount = { value: '49.90', currency_code: 'USD' };
      const resource = { id: `CAPTURE${number}`, amount, status: 'COMPLETED', create_time: new Date(at).toISOString() };
      const links = [{ href: `https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-${number}`, rel: 'self', method: 'GET' }];
      const event = {
        id: `WH-${number}`,
        event_type: 'PAYMENT.CAPTURE.COMPLETED',
        create_time: new Date(at).toISOString(),
        resource,
        links,
      };
      return { listed: { ...event, status: 'PENDING', transmissions: [] }, webhook: { ...event, summary: 'Payment completed' } };
    }
    case 'square': {
      const payment = { id: `PAY${number}`, status: 'COMPLETED', amount_money: { amount: 4990, currency: 'USD' } };
      const data = { type: 'payment', id: `PAY${number}`, object: { payment } };
      const event = { merchant_id: 'M1', type: 'payment.updated', event_id: `sq-${number}`, created_at: new Date(at).toISOString(), data };
      return { listed: event, webhook: event };
    }
  }
}
