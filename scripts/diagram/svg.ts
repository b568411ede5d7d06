import { head, detailHeight, letterHeight, chipHeight, margin, type DrawnEdge, type PlacedBox, type Portrait } from './portrait';

const legendHeight = 42;
const kindWords: Readonly<Record<string, string>> = {
  senders: 'senders',
  api: 'REST API',
  logs: 'log group',
  person: 'subscriber',
  other: 'target',
};

/** A picture that reads on light and on dark pages, with its words as text. The same portrait gives the same bytes. */
export function svgOf(portrait: Portrait, title: string): string {
  const { width, height, boxes, edges } = portrait;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + legendHeight}" width="${width}" height="${height + legendHeight}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 7 8" refX="6.5" refY="4" markerWidth="7" markerHeight="8" orient="auto"><path class="head" d="M0 0l7 4l-7 4z"/></marker></defs>',
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height + legendHeight - 1}" rx="10"/>`,
    ...edges.map(edgeOf),
    ...boxes.map(boxOf),
    ...edges.flatMap(labelOf),
    legend(height),
    '</svg>',
    '',
  ].join('\n');
}

function edgeOf({ kind, path }: DrawnEdge): string {
  return `<path class="edge ${kind}" d="${path}" marker-end="url(#arrow)"/>`;
}

function labelOf({ label }: DrawnEdge): readonly string[] {
  return label === undefined ? [] : [text(label.x, label.y, 'label', label.text)];
}

function boxOf({ node, x, y, width, height, name, details, deadLetters, chips }: PlacedBox): string {
  const belowDetails = y + head + details.length * detailHeight;
  const foot = belowDetails + deadLetters.length * letterHeight;
  return [
    `<g class="${node.kind}">`,
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    `<rect class="stripe" x="${x}" y="${y + 9}" width="4" height="${height - 18}" rx="2"/>`,
    text(x + 14, y + 18, 'kind', kindWords[node.kind] ?? node.kind),
    text(x + 14, y + 36, 'name', name),
    ...details.map((line, index) => text(x + 14, y + head + 9 + index * detailHeight, 'detail', line)),
    ...deadLetters.flatMap((queue, index) => letters(queue, x, belowDetails + index * letterHeight)),
    ...chips.flatMap((chip) => [
      `<rect class="chip" x="${chip.x}" y="${foot - 2}" width="${chip.width}" height="${chipHeight - 6}" rx="5"/>`,
      `<text class="port" x="${chip.x + chip.width / 2}" y="${foot + 12}" text-anchor="middle">${escaped(chip.text)}</text>`,
    ]),
    '</g>',
  ].join('\n');
}

function letters(queue: string, x: number, y: number): readonly string[] {
  return [`<path class="letters" d="M${x + 14} ${y + 1}v7h8"/>`, text(x + 27, y + 12, 'detail letter', queue)];
}

function legend(top: number): string {
  const y = top + legendHeight / 2;
  return [
    `<path class="edge flow" d="M${margin} ${y}h34" marker-end="url(#arrow)"/>`,
    text(margin + 44, y + 4, 'detail', 'the way of an event'),
    `<path class="edge uses" d="M${margin + 196} ${y}h34" marker-end="url(#arrow)"/>`,
    text(margin + 240, y + 4, 'detail', 'calls back to a row or queue'),
    `<path class="letters" d="M${margin + 402} ${y - 6}v7h8"/>`,
    text(margin + 416, y + 4, 'detail', 'queue that takes what goes wrong'),
  ].join('\n');
}

function text(x: number, y: number, kind: string, words: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

const style = `
svg { --page: #ffffff; --box: #f4f6f9; --line: #d3dae3; --text: #18202b; --dim: #56616f; --edge: #8493a6; --bad: #b51d2a; --chip: #e6ebf2;
  --function: #e07514; --queue: #cf2f74; --table: #2563c9; --bucket: #2b9a4b; --bus: #8b46c8; --topic: #cf2f74; --api: #8b46c8; --other: #7f8b99; }
@media (prefers-color-scheme: dark) {
  svg { --page: #0f1319; --box: #171d26; --line: #2f3947; --text: #e3e9f1; --dim: #9aa7b8; --edge: #66758a; --bad: #ff7a80; --chip: #232c39;
    --function: #f59a4a; --queue: #f06aa3; --table: #6ea8ff; --bucket: #55c67a; --bus: #bd8cf0; --topic: #f06aa3; --api: #bd8cf0; }
}
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: var(--text); }
.page { fill: var(--page); stroke: var(--line); }
.box { fill: var(--box); stroke: var(--line); }
.stripe { fill: var(--other); }
.function .stripe { fill: var(--function); }
.queue .stripe { fill: var(--queue); }
.table .stripe { fill: var(--table); }
.bucket .stripe { fill: var(--bucket); }
.bus .stripe { fill: var(--bus); }
.topic .stripe { fill: var(--topic); }
.api .stripe { fill: var(--api); }
.kind { font-size: 11px; fill: var(--dim); }
.name { font-size: 14px; font-weight: 600; }
.detail { font-size: 11.5px; fill: var(--dim); }
.letter { fill: var(--bad); }
.port { font-size: 10.5px; }
.label { font-size: 11.5px; fill: var(--dim); }
.chip { fill: var(--chip); }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.5; }
.uses { stroke-dasharray: 4 4; }
.head { fill: var(--edge); }
.letters { fill: none; stroke: var(--bad); stroke-width: 1.2; }
`;
