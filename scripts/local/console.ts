import pc from 'picocolors';
import type { Activity } from './activity';
import { parseJsonObject, textAt, type JsonObject } from './json';
import type { LocalRun } from './run';

export interface ConsoleOptions {
  /** One JSON object per line, for machines. */
  readonly json: boolean;
  /** Only problems and alerts. */
  readonly quiet: boolean;
  /** Also REPORT lines and every log line. */
  readonly debug: boolean;
  readonly write: (line: string) => void;
}

const providerColours: Readonly<Record<string, (text: string) => string>> = {
  stripe: pc.magenta,
  paypal: pc.blue,
  square: pc.cyan,
  generic: pc.yellow,
};

/** Prints what happens in a local run, one line per hop of an event. */
export function consoleFor(options: ConsoleOptions): (activity: Activity) => void {
  const remembered = new EventMemory();
  return (activity) => {
    if (options.json) {
      options.write(JSON.stringify(activity));
      return;
    }
    for (const line of linesOf(activity, remembered, options)) options.write(line);
  };
}

/** Where it listens, what to sign with, what to try. */
export function greeting(run: LocalRun, readyInMs: number, pageUrl?: string): string {
  const { secrets } = run;
  const rows: readonly (readonly [string, string])[] = [
    ...(pageUrl === undefined ? [] : [['console', pc.bold(pageUrl)] as const]),
    ['webhooks', `${run.apiUrl}/webhook/{stripe,paypal,square,generic}`],
    ['health', `${run.apiUrl}/health`],
    ['aws', `${run.awsEndpoint}  ${pc.dim('(embedded; any credentials)')}`],
  ];
  const secretRows: readonly (readonly [string, string])[] = [
    ['stripe', secrets.stripe.signingSecrets.join(' ')],
    ['paypal', `webhook id ${secrets.paypal.webhookIds.join(' ')}  ${pc.dim('(signed with a certificate of this run)')}`],
    ['square', secrets.square.subscriptions.map(({ signatureKey, notificationUrl }) => `${signatureKey} for ${notificationUrl}`).join(' ')],
    ['generic', secrets.generic.signingSecrets.join(' ')],
  ];
  const tries = [
    'npm run send -- stripe payment_intent.succeeded --amount 12000 --currency USD',
    'npm run send -- square payment.failed',
    'npm run send -- stripe payment_intent.succeeded --forge',
  ];
  return [
    pc.bold(pc.green(`payment-webhooks is ready`)) + pc.dim(` in ${(readyInMs / 1000).toFixed(1)} s`),
    ...rows.map(([name, value]) => `  ${name.padEnd(9)} ${value}`),
    '',
    pc.bold('Development secrets') + pc.dim(' (worth nothing anywhere else)'),
    ...secretRows.map(([name, value]) => `  ${colourOf(name)(name.padEnd(9))} ${value}`),
    '',
    pc.bold('Try, in another terminal'),
    ...tries.map((command) => `  ${command}`),
    '',
    pc.dim('Ctrl-C stops.'),
  ].join('\n');
}

/** What is needed of an event to say something at its later hops, where only its id is known. */
class EventMemory {
  readonly #byCorrelation = new Map<string, string>();

  remember(correlationId: string, money: string): void {
    this.#byCorrelation.set(correlationId, money);
    const [oldest] = this.#byCorrelation.keys();
    if (this.#byCorrelation.size > 5000 && oldest !== undefined) this.#byCorrelation.delete(oldest);
  }

  moneyOf(correlationId: string): string {
    return this.#byCorrelation.get(correlationId) ?? '';
  }
}

function linesOf(activity: Activity, remembered: EventMemory, options: ConsoleOptions): readonly string[] {
  const time = pc.dim(new Date(activity.at).toISOString().slice(11, 23));
  switch (activity.kind) {
    case 'log':
      return logLines(time, activity.functionName, activity.fields, remembered, options);
    case 'text':
      return options.quiet ? [] : [`${time} ${pc.dim(`${shortFunction(activity.functionName)}: ${activity.text}`)}`];
    case 'alert':
      return alertLines(time, activity.message.subject ?? 'Alert', activity.message.message);
    case 'dead-letter':
      return [
        `${time} ${pc.red('DEAD LETTER')} ${arnEnd(activity.letter.sourceArn)} → ${arnEnd(activity.letter.queueArn)} ${short(activity.letter.messageId)}`,
      ];
    case 'published':
      if (options.quiet) return [];
      return publishedLines(time, activity.event.detail, activity.event.rules, remembered);
    case 'request':
      if (activity.entry.problem === undefined || options.quiet) return [];
      return [
        `${time} ${pc.yellow(`${activity.entry.method} ${activity.entry.path} ${String(activity.entry.status)}`)} ${activity.entry.problem}`,
      ];
    case 'report':
      return reportLines(time, activity.report, options);
    case 'object':
      return [];
    case 'problem':
      return [`${time} ${pc.red('problem')} ${activity.text}`];
  }
}

/** What the functions say of one event, by the words they say it with. */
const hops: Readonly<Record<string, { readonly hop: string; readonly paint: (text: string) => string }>> = {
  'webhook stored': { hop: 'received', paint: pc.green },
  'webhook duplicate': { hop: 'duplicate', paint: pc.dim },
  'webhook conflict': { hop: 'conflict', paint: pc.red },
  'webhook rejected': { hop: 'rejected', paint: pc.yellow },
  'webhook unavailable': { hop: 'unavailable', paint: pc.red },
  'event relayed': { hop: 'archived', paint: pc.green },
  'alert sent': { hop: 'alert sent', paint: pc.red },
  'alert skipped': { hop: 'no alert', paint: pc.dim },
  'audit written': { hop: 'audited', paint: pc.dim },
  'tampering detected': { hop: 'TAMPERING', paint: pc.red },
};

function logLines(
  time: string,
  functionName: string,
  fields: JsonObject,
  remembered: EventMemory,
  options: ConsoleOptions,
): readonly string[] {
  // Metrics in CloudWatch's embedded format.
  if (fields['_aws'] !== undefined && !options.debug) return [];
  const message = textAt(fields, 'message');
  const known = hops[message];
  const failed = textAt(fields, 'level') === 'ERROR';
  if (known === undefined) {
    // The bus tells of each published event itself.
    if (!options.debug && !failed) return [];
    return [
      `${time} ${failed ? pc.red(shortFunction(functionName)) : pc.dim(shortFunction(functionName))} ${message} ${pc.dim(detailOf(fields))}`,
    ];
  }
  if (options.quiet && !failed) return [];
  const correlationId = textAt(fields, 'correlationId');
  const provider = textAt(fields, 'provider');
  const parts = [
    time,
    colourOf(provider)(provider.padEnd(8)),
    known.paint(known.hop.padEnd(11)),
    textAt(fields, 'eventType') || textAt(fields, 'kind'),
    short(textAt(fields, 'eventId')),
    remembered.moneyOf(correlationId),
    pc.dim(detailOf(fields)),
  ];
  return [parts.filter((part) => part !== '').join(' ')];
}

function publishedLines(time: string, detail: string, rules: readonly string[], remembered: EventMemory): readonly string[] {
  const event = parseJsonObject(detail) ?? {};
  const provider = textAt(event, 'provider');
  const money = event['amount'] === null || event['amount'] === undefined ? '' : `${textAt(event, 'currency')} ${textAt(event, 'amount')}`;
  remembered.remember(textAt(event, 'correlationId'), money);
  const routed = rules.length === 0 ? 'no rule' : rules.map(ruleName).join(', ');
  const band = textAt(event, 'valueBand');
  const parts = [
    time,
    colourOf(provider)(provider.padEnd(8)),
    pc.green('published'.padEnd(11)),
    textAt(event, 'kind'),
    short(textAt(event, 'eventId')),
    pc.bold(money),
    band === 'high' ? pc.red(band) : band === 'none' ? '' : band,
    pc.dim(`→ ${routed}`),
  ];
  return [parts.filter((part) => part !== '').join(' ')];
}

/** The message as a person would get it. */
function alertLines(time: string, subject: string, text: string): readonly string[] {
  const bar = pc.red('┃');
  return [`${time} ${bar} ${pc.bold(pc.red(subject))}`, ...text.split('\n').map((line) => `${' '.repeat(12)} ${bar} ${line}`)];
}

function reportLines(time: string, report: Extract<Activity, { kind: 'report' }>['report'], options: ConsoleOptions): readonly string[] {
  const name = shortFunction(report.functionName);
  if (report.error !== undefined) return [`${time} ${pc.red(name)} ${report.error.errorType}: ${report.error.errorMessage}`];
  return options.debug ? [`${time} ${pc.dim(`REPORT ${name} ${report.requestId} ${report.durationMs.toFixed(1)} ms`)}`] : [];
}

function detailOf(fields: JsonObject): string {
  const names = ['reason', 'field', 'alertReason', 'why', 'auditKey', 'records', 'duplicate', 'error'];
  return names
    .flatMap((name) => {
      const value = fields[name];
      if (value === undefined || value === null) return [];
      const text = textAt(value, 'message') || textAt(fields, name);
      return name === 'records' ? [`${text} records`] : [text];
    })
    .join(' ');
}

function colourOf(provider: string): (text: string) => string {
  return providerColours[provider] ?? ((text) => text);
}

/** First and last characters: enough to tell two events apart. */
function short(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 8)}…${id.slice(-5)}`;
}

function shortFunction(name: string): string {
  return name.replace(/-[a-z0-9]+$/, '');
}

function arnEnd(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function ruleName(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf('/') + 1);
}
