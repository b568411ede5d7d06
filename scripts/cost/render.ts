import { totalOf, type CostLine, type Estimate } from './estimate';
import type { Saving } from './levers';

export interface Report {
  readonly region: string;
  readonly environment: string;
  readonly estimate: Estimate;
  readonly savings: readonly Saving[];
  /** Date of the newest price. */
  readonly pricesOf: string;
}

/** What these figures leave out; they would be more, or less where something is free. */
const leftOut = [
  'free tiers, discounts and taxes',
  'DynamoDB storage and point-in-time recovery',
  'the bus archive',
  'Glacier after 90 days',
  'flow logs',
  'e-mails and SMS',
  'data that leaves AWS',
];

/** The estimate as Markdown: a table per part, then the levers. The same report gives the same text. */
export function renderMarkdown(report: Report): string {
  const { estimate, savings } = report;
  return [
    headline(report),
    '',
    ...table('per month, with the events', estimate.variable),
    '',
    ...table('per month, always', estimate.fixed),
    '',
    '| lever | saves a month | but then |',
    '|---|--:|---|',
    ...savings.map(({ what, usd, butThen }) => `| ${what} | ${dollars(usd)} | ${butThen} |`),
    '',
    notes(report),
    '',
  ].join('\n');
}

/** For a terminal: without Markdown's marks. */
export function renderText(report: Report): string {
  const { estimate, savings } = report;
  return [
    headline(report),
    '',
    ...columns('With the events', estimate.variable),
    '',
    ...columns('Always', estimate.fixed),
    '',
    'Levers',
    ...savings.map(({ what, usd, butThen }) => `  ${`saves ${dollars(usd)}`.padEnd(16)}${what.replaceAll('`', '')}: ${butThen}`),
    '',
    notes(report),
  ].join('\n');
}

/** The estimate for a program, in USD. */
export function renderJson({ region, environment, estimate, savings, pricesOf }: Report): string {
  const lines = (part: readonly CostLine[]) =>
    part.map(({ price, quantity, usd, why }) => ({
      id: price.id,
      service: price.service,
      unit: price.unit,
      quantity,
      usdPerUnit: price.usdPerUnit,
      usd: cents(usd),
      why,
      source: price.source,
      date: price.date,
      isFromMemory: price.isFromMemory,
    }));
  const variable = cents(totalOf(estimate.variable));
  const fixed = cents(totalOf(estimate.fixed));
  const value = {
    isEstimate: true,
    events: estimate.events,
    region,
    environment,
    pricesOf,
    usdPerMonth: { variable, fixed, total: cents(variable + fixed) },
    usdPerMillionEvents: cents(perMillion(estimate)),
    variable: lines(estimate.variable),
    fixed: lines(estimate.fixed),
    levers: savings.map((saving) => ({ ...saving, usd: cents(saving.usd) })),
    leftOut,
  };
  return JSON.stringify(value, null, 2);
}

function headline({ estimate, region, environment, pricesOf }: Report): string {
  const [variable, fixed] = [totalOf(estimate.variable), totalOf(estimate.fixed)];
  const events = estimate.events.toLocaleString('en-US');
  return [
    `An estimate for ${events} events a month, ${environment} in ${region}, at list prices of ${pricesOf}:`,
    `${dollars(variable + fixed)} a month, of which ${dollars(fixed)} always and ${dollars(variable)} with the events`,
    `(${dollars(perMillion(estimate))} per million).`,
  ].join(' ');
}

function perMillion({ variable, events }: Estimate): number {
  return (totalOf(variable) / events) * 1e6;
}

function table(title: string, lines: readonly CostLine[]): readonly string[] {
  return [
    `| ${title} | quantity | USD | why |`,
    '|---|--:|--:|---|',
    ...bySize(lines).map(
      ({ price, quantity, usd, why }) =>
        `| ${price.service}: ${price.unit}${mark(price)} | ${amount(quantity)} | ${usd.toFixed(2)} | ${why} |`,
    ),
    `| **sum** | | **${totalOf(lines).toFixed(2)}** | |`,
  ];
}

function columns(title: string, lines: readonly CostLine[]): readonly string[] {
  return [
    title,
    ...bySize(lines).map(({ price, quantity, usd, why }) => {
      const what = `${price.service}: ${price.unit}${price.isFromMemory ? ' *' : ''}`;
      return `  ${usd.toFixed(2).padStart(8)}  ${what.padEnd(56)}${amount(quantity).padStart(12)}  ${why}`;
    }),
    `  ${totalOf(lines).toFixed(2).padStart(8)}  sum`,
  ];
}

function bySize(lines: readonly CostLine[]): readonly CostLine[] {
  return lines.toSorted((one, other) => other.usd - one.usd);
}

function notes({ estimate }: Report): string {
  const isMarked = [...estimate.variable, ...estimate.fixed].some(({ price }) => price.isFromMemory);
  const marks = isMarked
    ? ' An asterisk marks a price that nobody looked up: see its source in scripts/cost/prices.json before you rely on it.'
    : '';
  return `Not in it: ${leftOut.join(', ')}.${marks}`;
}

function mark({ isFromMemory }: CostLine['price']): string {
  return isFromMemory ? ' \\*' : '';
}

function amount(quantity: number): string {
  return quantity.toLocaleString('en-US', { maximumFractionDigits: quantity < 100 ? 2 : 0 });
}

function dollars(usd: number): string {
  return `${usd.toFixed(2)} USD`;
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
