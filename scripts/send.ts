import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { developmentSecrets, type DevelopmentSecrets } from './local/development-secrets';
import { readRunState } from './local/run-state';
import { catalogues, findSample, isSender, senders, type Sender } from './local/sample-events';
import { postWebhook, sampleBody, signWebhook, type Keys, type PostResult, type Webhook } from './local/webhook';

interface SendOptions {
  readonly amount?: string;
  readonly currency?: string;
  readonly payment?: string;
  readonly forge: boolean;
  readonly stale: boolean;
  readonly duplicate: boolean;
  readonly file?: string;
  readonly url?: string;
  readonly secret?: string;
  readonly notificationUrl?: string;
  readonly count: number;
  readonly concurrency: number;
  readonly list: boolean;
  readonly json: boolean;
}

const examples = `
Events:     npm run send -- --list
High value: npm run send -- stripe payment_intent.succeeded --amount 12000 --currency USD
Yen:        npm run send -- paypal PAYMENT.CAPTURE.COMPLETED --amount 12000 --currency JPY
Failed:     npm run send -- square payment.failed
Twice:      npm run send -- stripe payment_intent.succeeded --duplicate
Forged:     npm run send -- generic payment.succeeded --forge
Own body:   npm run send -- stripe --file body.json
Elsewhere:  npm run send -- stripe payment_intent.succeeded --url https://api.example.com/prod --secret whsec_…
Load:       npm run send -- stripe payment_intent.succeeded --count 1000 --concurrency 32

Exits with 1 unless every answer is 2xx.`;

const program = new Command('npm run send --')
  .description('Signs a webhook as the provider does and posts it, to the local run or to any URL.')
  .argument('[provider]', senders.join(', '))
  .argument('[event]', 'see --list')
  .option('--amount <decimal>', 'in major units, like 12000 or 49.90')
  .option('--currency <code>', 'ISO 4217')
  .option('--payment <id>', "the provider's id of the payment that the event belongs to")
  .option('--forge', 'with a wrong signature', false)
  .option('--stale', 'signed too long ago', false)
  .option('--duplicate', 'send it twice, as a provider that retries', false)
  .option('--file <path>', 'the body to sign, sent byte for byte')
  .option('--url <url>', 'the API, or one webhook URL (default: the local run)')
  .option('--secret <text>', 'the signing secret (default: the development secret)')
  .option('--notification-url <url>', 'Square: the URL of the subscription (default: where it is sent)')
  .option('--count <number>', 'how many events, each a new one', positive, 1)
  .option('--concurrency <number>', 'how many at one time', positive, 32)
  .option('--list', 'the events of each provider', false)
  .option('--json', 'the answers as JSON lines', false)
  .addHelpText('after', examples)
  .action(send);

async function send(provider: string | undefined, event: string | undefined, options: SendOptions): Promise<void> {
  if (options.list) {
    console.log(list());
    return;
  }
  if (provider === undefined || !isSender(provider)) throw new Error(`name a provider: ${senders.join(', ')}`);
  if (event === undefined && options.file === undefined) throw new Error(`name an event of ${provider} (see --list), or a --file`);
  if (event !== undefined) findSample(provider, event);
  const { base, keys } = destination(provider, options);
  const webhook = (): Webhook => makeWebhook(provider, event, options, keys);
  if (options.count > 1) await sendMany(base, webhook, options);
  else await sendOne(base, webhook(), options);
}

async function sendOne(base: string, webhook: Webhook, options: SendOptions): Promise<void> {
  const times = options.duplicate ? 2 : 1;
  for (let time = 0; time < times; time += 1) {
    if (time > 0) await sleep(100);
    const result = await postWebhook(base, webhook);
    console.log(options.json ? JSON.stringify(result) : answerLine(webhook, result));
    if (!isAccepted(result.status)) process.exitCode = 1;
  }
}

async function sendMany(base: string, webhook: () => Webhook, options: SendOptions): Promise<void> {
  const statuses = new Map<number, number>();
  const durations: number[] = [];
  let left = options.count;
  const started = performance.now();
  const sender = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { status, durationMs } = await postWebhook(base, webhook());
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      durations.push(durationMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, options.count) }, sender));
  const elapsedSeconds = (performance.now() - started) / 1000;
  console.log(summary(statuses, durations, elapsedSeconds, options));
  if ([...statuses.keys()].some((status) => !isAccepted(status))) process.exitCode = 1;
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

function summary(
  statuses: ReadonlyMap<number, number>,
  durations: readonly number[],
  elapsedSeconds: number,
  options: SendOptions,
): string {
  const sorted = [...durations].sort((one, other) => one - other);
  const percentile = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const rate = durations.length / elapsedSeconds;
  const latency = { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) };
  if (options.json) return JSON.stringify({ answers: Object.fromEntries(statuses), elapsedSeconds, rate, latency });
  const answers = [...statuses].map(([status, count]) => `${String(count)} × ${String(status)}`).join(', ');
  return `${answers} in ${elapsedSeconds.toFixed(1)} s: ${rate.toFixed(0)}/s, p50 ${latency.p50} ms, p95 ${latency.p95} ms, p99 ${latency.p99} ms`;
}

function makeWebhook(sender: Sender, event: string | undefined, options: SendOptions, keys: Keys): Webhook {
  const body = options.file === undefined ? sampleBody(sender, event ?? '', sampleOptions(options)) : readFileSync(options.file);
  // Older than any provider's tolerance; PayPal's is four days.
  const at = new Date(Date.now() - (options.stale ? 5 * 86_400_000 : 0));
  return signWebhook({ sender, body, keys, at, forge: options.forge });
}

function sampleOptions({ amount, currency, payment }: SendOptions) {
  return {
    ...(amount === undefined ? {} : { amount }),
    ...(currency === undefined ? {} : { currency }),
    ...(payment === undefined ? {} : { payment }),
  };
}

function destination(provider: Sender, options: SendOptions): { readonly base: string; readonly keys: Keys } {
  const local = readRunState('.');
  const base = options.url ?? local?.apiUrl;
  if (base === undefined) throw new Error('no local run is going on here: start one with npm start, or give a --url');
  const own = local !== undefined && base.startsWith(local.apiUrl);
  const secrets = local?.secrets ?? developmentSecrets(base);
  return { base, keys: { secrets: withSecret(secrets, provider, base, options), paypalSigner: own ? local.paypalSigner : undefined } };
}

function withSecret(secrets: DevelopmentSecrets, provider: Sender, base: string, options: SendOptions): DevelopmentSecrets {
  const [known] = secrets.square.subscriptions;
  const sentTo = base.includes('/webhook') ? base : `${base.replace(/\/$/, '')}/webhook/square`;
  const notificationUrl = options.notificationUrl ?? (options.secret === undefined ? known?.notificationUrl : undefined) ?? sentTo;
  const signatureKey = options.secret ?? known?.signatureKey ?? '';
  const square = { subscriptions: [{ signatureKey, notificationUrl }] };
  if (options.secret === undefined) return { ...secrets, square };
  const signingSecrets = [options.secret];
  switch (provider) {
    case 'stripe':
      return { ...secrets, stripe: { signingSecrets } };
    case 'square':
      return { ...secrets, square };
    case 'generic':
    case 'standard-webhooks':
      return { ...secrets, generic: { signingSecrets } };
    case 'paypal':
      throw new Error('PayPal webhooks have no shared secret: they are signed with a certificate that only a local run trusts');
  }
}

function answerLine(webhook: Webhook, { status, text, durationMs }: PostResult): string {
  const paint = status < 300 ? pc.green : status < 500 ? pc.yellow : pc.red;
  return `${paint(String(status))} ${webhook.path} ${text} ${pc.dim(`${durationMs.toFixed(0)} ms`)}`;
}

function list(): string {
  return senders
    .map((sender) => {
      const rows = Object.entries(catalogues[sender]).map(([name, { about }]) => `  ${name.padEnd(42)} ${pc.dim(about)}`);
      return [pc.bold(sender), ...rows].join('\n');
    })
    .join('\n\n');
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number above 0');
  return number;
}

program.parseAsync().catch((error: unknown) => {
  console.error(pc.red(`send: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
});
