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

/**
 * The three providers' APIs on loopback, made after the providers' own answers and never after our code:
 * - Stripe: https://docs.stripe.com/api/events/list and https://docs.stripe.com/api/pagination.
 * - PayPal: the sample answer of https://developer.paypal.com/docs/api/webhooks/v1/#webhooks-events_list; schema `EventList` of
 *   paypal/paypal-rest-api-specifications, openapi/notifications_webhooks_v1.json; answers and errors that PayPal-node-SDK recorded from
 *   the sandbox (test/mocks/notification.js).
 * - Square: `SearchEventsRequest` and `SearchEventsResponse` with its example in square/connect-api-specification, api.json.
 */
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
      // The documentation asks without the slash, PayPal's own SDK with it.
      case 'GET /v1/notifications/webhooks-events':
      case 'GET /v1/notifications/webhooks-events/':
        return this.#paypal(call);
      case 'POST /v2/events':
        return this.#square(call);
      default:
        return { status: 404, json: { error: 'no such path' } };
    }
  }

  #stripe({ url, authorization }: ApiCall): ApiReply {
    const refusal = (status: number, fields: object): ApiReply => ({
      status,
      json: { error: { ...fields, type: 'invalid_request_error' } },
    });
    if (authorization !== `Bearer ${keys.stripe.apiKey}`) return refusal(401, { message: 'Invalid API Key provided: rk_test_*****ther' });
    const query = url.searchParams;
    const created = (event: ApiEvent): number => Number(event['created']);
    const list = this.events.stripe
      .filter((event) => created(event) >= Number(query.get('created[gte]')) && created(event) < Number(query.get('created[lt]')))
      .toSorted((a, b) => created(b) - created(a));
    const after = query.get('starting_after');
    const start = after === null ? 0 : list.findIndex(({ id }) => id === after) + 1;
    if (after !== null && start === 0)
      return refusal(400, { code: 'resource_missing', message: `No such event: '${after}'`, param: 'starting_after' });
    const data = list.slice(start, start + Math.min(this.pageSize, Number(query.get('limit') ?? 10)));
    return { json: { object: 'list', url: '/v1/events', has_more: start + data.length < list.length, data } };
  }

  #paypalToken({ authorization, body }: ApiCall): ApiReply {
    const wanted = `Basic ${Buffer.from(`${keys.paypal.clientId}:${keys.paypal.clientSecret}`).toString('base64')}`;
    if (authorization !== wanted || body !== 'grant_type=client_credentials')
      return { status: 401, json: { error: 'invalid_client', error_description: 'Client Authentication failed' } };
    const scope = 'https://uri.paypal.com/services/applications/webhooks openid';
    return {
      json: { scope, access_token: `token-${this.#tokens}`, token_type: 'Bearer', app_id: 'APP-80W284485P519543T', expires_in: 28800 },
    };
  }

  /** Links to other pages stand beside the events; an answer that is the whole list has none, as PayPal's SDK recorded it. */
  #paypal({ url, authorization }: ApiCall): ApiReply {
    if (authorization !== `Bearer token-${this.#tokens}`)
      return { status: 401, json: { error: 'invalid_token', error_description: 'Token signature verification failed' } };
    const { start_time: from = '', end_time: to = '', page_size: size = '10', ...rest } = Object.fromEntries(url.searchParams);
    const at = (event: ApiEvent): number => Date.parse(String(event['create_time']));
    const list = this.events.paypal
      .filter((event) => at(event) >= Date.parse(from) && at(event) <= Date.parse(to))
      .toSorted((a, b) => at(b) - at(a));
    const start = paypalStart(rest);
    if (start === undefined)
      return {
        status: 400,
        json: {
          name: 'VALIDATION_ERROR',
          details: [{ field: 'move_to', issue: 'Invalid data provided' }],
          message: 'Invalid data provided',
        },
      };
    const events = list.slice(start, start + Math.min(this.pageSize, Number(size)));
    const link = (rel: 'next' | 'previous', index: number) => ({
      href: `https://api-m.sandbox.paypal.com/v1/notifications/webhooks-events/?start_time=${from}&end_time=${to}&page_size=${size}&move_to=${rel}&index_time=${String(events.at(-1)?.['create_time'])}&index_id=${index}`,
      rel,
      method: 'GET',
    });
    const links = [
      ...(start + events.length < list.length ? [link('next', start + events.length)] : []),
      ...(start > 0 ? [link('previous', Math.max(0, start - Number(size)))] : []),
    ];
    return { json: { events, count: events.length, ...(links.length === 0 ? {} : { links }) } };
  }

  #square({ authorization, body }: ApiCall): ApiReply {
    const refusal = (status: number, error: object): ApiReply => ({ status, json: { errors: [error] } });
    if (authorization !== `Bearer ${keys.square.accessToken}`)
      return refusal(401, { category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED', detail: 'This request could not be authorized.' });
    const asked: unknown = JSON.parse(body);
    const { limit, cursor, query } = squareRequest(asked);
    const start = cursor === undefined ? 0 : squareStart(cursor, query);
    if (start === undefined)
      return refusal(400, {
        category: 'INVALID_REQUEST_ERROR',
        code: 'INVALID_CURSOR',
        detail: 'The pagination cursor is invalid.',
        field: 'cursor',
      });
    const at = (event: ApiEvent): number => Date.parse(String(event['created_at']));
    const list = this.events.square
      .filter((event) => at(event) >= Date.parse(query.start) && at(event) < Date.parse(query.end))
      .toSorted((a, b) => at(b) - at(a));
    const events = list.slice(start, start + Math.min(this.pageSize, limit));
    const next = start + events.length < list.length ? { cursor: squareCursor(start + events.length, query) } : {};
    if (events.length === 0) return { json: {} };
    const metadata = events.map((event) => ({ event_id: event['event_id'], api_version: '2026-10-15' }));
    return { json: { events: events.map(squareListed), metadata, ...next } };
  }
}

/** Where a further page begins; undefined for a query that is no link of PayPal's. */
function paypalStart(rest: Readonly<Record<string, string>>): number | undefined {
  if (Object.keys(rest).length === 0) return 0;
  const { move_to: moveTo, index_time: time = '', index_id: id = '' } = rest;
  return moveTo === 'next' && !Number.isNaN(Date.parse(time)) && /^\d+$/.test(id) ? Number(id) : undefined;
}

interface SquareQuery {
  readonly start: string;
  readonly end: string;
}

/** "You must use the original query": a cursor belongs to its query. */
function squareCursor(start: number, query: SquareQuery): string {
  return Buffer.from(JSON.stringify([start, query.start, query.end])).toString('base64');
}

function squareStart(cursor: string, query: SquareQuery): number | undefined {
  const start = Number(/^\[(\d+),/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1] ?? 'none');
  return squareCursor(start, query) === cursor ? start : undefined;
}

/** Square's example of a search answer has the event's time in microseconds and without its zone, unlike a webhook. */
function squareListed(event: ApiEvent): ApiEvent {
  return { ...event, created_at: String(event['created_at']).replace(/Z$/, '454') };
}

function squareRequest(value: unknown) {
  const at = (from: unknown, ...path: readonly string[]): unknown =>
    path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), from);
  const range = (end: string): string => String(at(value, 'query', 'filter', 'created_at', end));
  const cursor = at(value, 'cursor');
  return {
    limit: Number(at(value, 'limit') ?? 100),
    cursor: typeof cursor === 'string' ? cursor : undefined,
    query: { start: range('start_at'), end: range('end_at') },
  };
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
      const listed = {
        id: `evt_${number}`,
        object: 'event',
        api_version: '2025-10-29.clover',
        created: Math.floor(at / 1000),
        data: { object },
        livemode: false,
        pending_webhooks: 0,
        request: { id: null, idempotency_key: null },
        type: 'payment_intent.succeeded',
      };
      return { listed, webhook: { ...listed, pending_webhooks: 2, request: { id: 'req_1', idempotency_key: 'k' } } };
    }
    case 'paypal': {
      const amount = { value: '49.90', currency_code: 'USD' };
      const resource = { id: `CAPTURE${number}`, amount, status: 'COMPLETED', create_time: new Date(at).toISOString() };
      const self = `https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-${number}`;
      const event = {
        id: `WH-${number}`,
        create_time: new Date(at).toISOString(),
        resource_type: 'capture',
        event_version: '1.0',
        event_type: 'PAYMENT.CAPTURE.COMPLETED',
        summary: 'Payment completed for $ 49.9 USD',
        resource_version: '2.0',
        resource,
        links: [
          { href: self, rel: 'self', method: 'GET' },
          { href: `${self}/resend`, rel: 'resend', method: 'POST' },
        ],
      };
      return { listed: { ...event, status: 'PENDING', transmissions: [] }, webhook: event };
    }
    case 'square': {
      const payment = { id: `PAY${number}`, status: 'COMPLETED', amount_money: { amount: 4990, currency: 'USD' } };
      const data = { type: 'payment', id: `PAY${number}`, object: { payment } };
      const event = {
        merchant_id: '0HPGX5JYE6EE1',
        location_id: 'VJDQQP3CG14EY',
        type: 'payment.updated',
        event_id: `sq-${number}`,
        created_at: new Date(at).toISOString(),
        data,
      };
      return { listed: event, webhook: event };
    }
  }
}
