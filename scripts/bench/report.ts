import pc from 'picocolors';
import { table } from '../ops/table';
import { isMet, type Figure } from './figure';

/** What was measured, and on what. */
export interface Report {
  readonly measuredAt: string;
  readonly command: string;
  readonly machine: { readonly node: string; readonly cores: number; readonly platform: string; readonly loadBefore: number };
  readonly figures: readonly Figure[];
}

/** One line per figure: ours, the baseline, their ratio and its spread over the rounds, and whether the goal is met. */
export function figureTable(figures: readonly Figure[]): string {
  return table(figures, [
    { title: 'bench', cell: ({ bench }) => bench },
    { title: 'figure', cell: ({ what }) => what, max: 44 },
    { title: 'ours', cell: ({ value, unit }) => withUnit(value, unit), align: 'right' },
    { title: 'baseline', cell: ({ baseline }) => baseline },
    { title: 'its value', cell: ({ baselineValue, unit }) => withUnit(baselineValue, unit), align: 'right' },
    { title: 'ratio', cell: ({ ratio }) => ratio.toFixed(2), align: 'right' },
    { title: 'spread', cell: ({ spread: [low, high] }) => `${low.toFixed(2)}–${high.toFixed(2)}`, align: 'right' },
    { title: 'goal', cell: goalText, paint: (figure) => (isMet(figure) === false ? pc.red : pc.green) },
  ]);
}

export function goalText(figure: Figure): string {
  const { goal } = figure;
  if (goal === undefined) return '';
  return `${'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`} ${isMet(figure) === true ? 'met' : 'missed'}`;
}

/** The same as a table of Markdown, for docs/performance.md. */
export function markdownTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, value, unit, baseline, baselineValue, ratio, spread } = figure;
    const cells = [what, withUnit(value, unit), `${baseline}: ${withUnit(baselineValue, unit)}`, ratio.toFixed(2)];
    return `| ${[...cells, `${spread[0].toFixed(2)}–${spread[1].toFixed(2)}`, goalText(figure)].join(' | ')} |`;
  });
  return ['| figure | ours | baseline | ratio | spread | goal |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** Three significant digits. */
function withUnit(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit.startsWith('/') ? `${number}${unit}` : `${number} ${unit}`;
}
