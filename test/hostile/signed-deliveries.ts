import type { HttpEvent } from '../../functions/shared/runtime/http';
import type { WebhookRequest } from '../../functions/shared/domain/webhook';
import { paypalChain, signOwnHeader, signPaypal, signSquare, signStandardWebhooks, signStripe } from '../support/signers';
import { headerCanary, secretCanary } from './canaries';
import { paypalWebhookId, squareUrl, standardSecret } from './pipeline';
import type { Random } from './random';
import { hostileText } from './values';

/** One way to sign. */
export interface Scheme {
  readonly provider: string;
  readonly signatureHeaders: readonly string[];
  readonly timed: boolean;
  /** Signs with the right secret, or with another. */
  sign(body: Uint8Array, now: number, right: boolean, random: Random): WebhookRequest;
}

const own = ['x-webhook-signature'];
const standard = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
const paypal = ['paypal-transmission-id', 'paypal-transmission-time', 'paypal-transmission-sig', 'paypal-cert-url', 'paypal-auth-algo'];

/** Every way to sign; PayPal's costs the most and is the rarest. */
const schemes: readonly Scheme[] = [
  {
    provider: 'stripe',
    signatureHeaders: ['stripe-signature'],
    timed: true,
    sign: (body, now, right) => signStripe(body, now, right ? `whsec_${secretCanary}` : 'whsec_wrong'),
  },
  {
    provider: 'square',
    signatureHeaders: ['x-square-hmacsha256-signature'],
    timed: false,
    sign: (body, _, right) => signSquare(body, secretCanary, right ? squareUrl : `${squareUrl}/`),
  },
  {
    provider: 'generic',
    signatureHeaders: own,
    timed: false,
    sign: (body, _, right, random) => signOwnHeader(body, right ? secretCanary : 'wrong', random.pick(['', 'sha256='])),
  },
  {
    provider: 'generic',
    signatureHeaders: standard,
    timed: true,
    sign: (body, now, right, random) =>
      signStandardWebhooks(body, now, right ? standardSecret : `whsec_${'A'.repeat(32)}`, headerText(hostileText(random)) || 'msg_1'),
  },
  {
    provider: 'paypal',
    signatureHeaders: paypal,
    timed: true,
    sign: (body, now, right) => signPaypal(body, now, { webhookId: right ? paypalWebhookId : 'WRONG', leaf: paypalChain().leaf }),
  },
];

export function aScheme(random: Random): Scheme {
  const [first] = schemes;
  return first !== undefined && random.chance(0.2) ? first : random.pick(random.chance(0.85) ? schemes.slice(0, 4) : schemes);
}

/** What can be in a header at all: API Gateway takes no line breaks, and no more than 10,240 bytes of headers. */
function headerText(text: string): string {
  return text
    .replaceAll(/[\r\n]/g, ' ')
    .trim()
    .slice(0, 8000);
}

type Headers = Readonly<Record<string, readonly (string | null)[]>>;

const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'content-type',
  'Content-Type',
  'content-encoding',
  'content-length',
  'host',
];
const moreNames = [
  'x-forwarded-for',
  'square-environment',
  'transfer-encoding',
  'x-http-method-override',
  'cookie',
  'X-\u00dcml\u00e4ut',
  '',
];

/** Headers that nobody signed. */
export function oddHeaders(random: Random): Record<string, (string | null)[]> {
  const entries = random.times(random.below(5), () => {
    const name = random.chance(0.8) ? random.pick([...oddNames, ...moreNames]) : hostileText(random).slice(0, 100);
    const values = random.times(1 + random.below(3), () => (random.chance(0.05) ? null : `${headerCanary} ${hostileText(random)}`));
    return [name, values] as const;
  });
  return Object.fromEntries(
    entries.filter(([name]) => !schemes.some(({ signatureHeaders }) => signatureHeaders.includes(name.toLowerCase()))),
  );
}

/** Headers that look like a provider's, with anything in them. */
export function forgedHeaders(random: Random): Record<string, (string | null)[]> {
  const names = random.pick(schemes).signatureHeaders;
  const entries = names.map((name) => [oddCase(random, name), random.times(1 + random.below(2), () => forgedValue(random))] as const);
  return Object.fromEntries(entries);
}

function forgedValue(random: Random): string | null {
  return random.pick([
    hostileText(random),
    null,
    '',
    `t=1,v1=${headerCanary}`,
    `t=${'9'.repeat(12)},t=1,v1=00`,
    'v1,'.repeat(5000),
    `sha256=${'0'.repeat(64)}`,
    `v1,${'A'.repeat(43)}=`,
    `${'A'.repeat(43)}=`,
    '2026-11-23T10:00:00Z',
    'SHA256withRSA',
    'sha1withRSA',
    `https://api.sandbox.paypal.com/v1/notifications/certs/CERT-${random.below(4)}`,
    `https://api.sandbox.paypal.com.evil.example/v1/notifications/certs/CERT-1`,
    'http://169.254.169.254/latest/meta-data',
    random.bytes(48).toString('base64'),
  ]);
}

/** How API Gateway or a test event hands a request over: multi-valued headers, single ones, or both; body as text or as base64. */
export function httpEventOf(random: Random, headers: Headers, body: Uint8Array, path: HttpEvent['pathParameters']): HttpEvent {
  return {
    ...headersIn(random, headers),
    ...bodyIn(random, Buffer.from(body)),
    pathParameters: path ?? null,
    requestContext: { requestId: 'chosen' },
  };
}

function headersIn(random: Random, headers: Headers): object {
  const cased = Object.fromEntries(Object.entries(headers).map(([name, values]) => [oddCase(random, name), values]));
  const single = Object.fromEntries(Object.entries(cased).map(([name, values]) => [name, values.at(-1) ?? null]));
  if (Object.values(headers).every(({ length }) => length === 1)) {
    return random.pick([{ multiValueHeaders: cased, headers: single }, { headers: single }, { headers: single, multiValueHeaders: null }]);
  }
  return { multiValueHeaders: cased, headers: random.pick([single, null]) };
}

function oddCase(random: Random, name: string): string {
  if (name === '__proto__' || random.chance(0.5)) return name;
  return Array.from(name, (letter) => (random.chance(0.5) ? letter.toUpperCase() : letter.toLowerCase())).join('');
}

function bodyIn(random: Random, body: Buffer): { readonly body: string | null; readonly isBase64Encoded?: boolean } {
  if (body.byteLength === 0) return { body: random.pick([null, '']) };
  const isText = Buffer.from(body.toString('utf8'), 'utf8').equals(body);
  if (isText && random.chance(0.5)) return { body: body.toString('utf8') };
  const base64 = body.toString(random.pick(['base64', 'base64url']));
  return { body: random.chance(0.1) ? `${base64.slice(0, 5)}\n${base64.slice(5)}` : base64, isBase64Encoded: true };
}
