import { isMet, type Figure } from './figure';

const rowHeight = 26;
const labelWidth = 330;
const barWidth = 340;
/** Bars end here; what is worse still is written beside. */
const longest = 2;

/** An SVG of the figures that have a goal: how much of what the goal allows is used. Left of the line, the goal is met. */
export function chartOf(figures: readonly Figure[]): string {
  const rows = figures.filter(({ goal }) => goal !== undefined);
  const height = rows.length * rowHeight + 64;
  const width = labelWidth + barWidth + 170;
  const goalAt = labelWidth + barWidth / longest;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    `<text x="16" y="26" font-weight="600" fill="#1f2328">Share of the goal that is used (left of the line: met)</text>`,
    ...rows.map((figure, index) => rowOf(figure, 44 + index * rowHeight)),
    `<line x1="${goalAt}" y1="38" x2="${goalAt}" y2="${height - 16}" stroke="#1f2328" stroke-dasharray="4 3"/>`,
    '</svg>',
  ].join('\n')}\n`;
}

function rowOf(figure: Figure, y: number): string {
  const share = shareOfGoal(figure);
  const length = (Math.min(share, longest) / longest) * barWidth;
  const colour = isMet(figure) === true ? '#1a7f37' : '#bc4c00';
  const label = `${figure.bench}: ${figure.what}`;
  const beside = `${figure.ratio.toFixed(2)} × ${figure.baseline}`;
  return [
    `<text x="${labelWidth - 10}" y="${y + 15}" text-anchor="end" fill="#1f2328">${escaped(label)}</text>`,
    `<rect x="${labelWidth}" y="${y + 3}" width="${length.toFixed(1)}" height="16" rx="2" fill="${colour}"/>`,
    `<text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 15}" fill="#59636e">${escaped(beside)}</text>`,
  ].join('\n');
}

/** 1 is exactly the goal, less is better; whichever way the goal points. */
export function shareOfGoal({ ratio, goal }: Pick<Figure, 'ratio' | 'goal'>): number {
  if (goal === undefined) return Number.NaN;
  return 'atMost' in goal ? ratio / goal.atMost : goal.atLeast / ratio;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
