import type { Diagram, DiagramEdge, DiagramNode } from '../local/page/diagram';
import { columnsOf, spineOf } from '../local/page/layout';

/** A node with its place, and its words line by line. */
export interface PlacedBox {
  readonly node: DiagramNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly details: readonly string[];
  /** Names of the queues that take what goes wrong here. */
  readonly deadLetters: readonly string[];
  /** Providers, or a bus's rules: words in a row at the foot. */
  readonly chips: readonly Chip[];
}

export interface Chip {
  readonly text: string;
  readonly x: number;
  readonly width: number;
}

export interface DrawnEdge {
  readonly kind: DiagramEdge['kind'];
  /** An SVG path. */
  readonly path: string;
  readonly label: { readonly text: string; readonly x: number; readonly y: number } | undefined;
}

export interface Portrait {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly DrawnEdge[];
}

export interface PortraitOptions {
  /** The environment's, left out of names. */
  readonly suffix: string;
  /** What stands between the senders and the API; undefined: nothing. */
  readonly front: string | undefined;
}

export const margin = 16;
/** Heights of a box's parts: kind and name, one detail, one dead-letter queue, the row of chips. */
export const head = 46;
export const detailHeight = 16;
export const letterHeight = 19;
export const chipHeight = 26;
const columnWidths = [284, 232, 196];
const columnGap = 40;
/** Under a box's last line, where there is more than its name. */
const padding = 7;
const rankGap = 40;
const laneWidth = 14;
const turn = 7;

/** Places a pipeline top to bottom, so that it can be read at the width of a page: the longest chain down the first column. */
export function portraitOf(diagram: Diagram, options: PortraitOptions): Portrait {
  const flows = diagram.edges.filter(({ kind }) => kind === 'flow');
  const ranks = columnsOf(diagram.nodes, flows);
  const lanes = diagram.edges.filter(({ kind }) => kind === 'uses').length;
  const left = margin + (lanes > 0 ? lanes * laneWidth + turn : 0);
  const boxes = place(diagram, ranks, left, options.suffix);
  const edges = new Ways(boxes, ranks, diagram.edges, left).drawn(options.front);
  const all = [...boxes.values()];
  return {
    width: Math.max(...all.map(({ x, width }) => x + width)) + margin,
    height: Math.max(...all.map(({ y, height }) => y + height)) + margin,
    boxes: all,
    edges,
  };
}

type Boxes = ReadonlyMap<string, PlacedBox>;
type Ranks = ReturnType<typeof columnsOf>;

function place({ nodes, edges }: Diagram, ranks: Ranks, left: number, suffix: string): Boxes {
  const flows = edges.filter(({ kind }) => kind === 'flow');
  const spine = spineOf(nodes, flows, ranks);
  const boxes = new Map<string, PlacedBox>();
  let y = margin;
  for (let rank = 0; rank <= Math.max(...ranks.values()); rank += 1) {
    const before = (id: string): number => {
      const columns = flows.filter(({ to }) => to === id).map(({ from }) => boxes.get(from)?.x ?? 0);
      return columns.reduce((sum, x) => sum + x, 0) / Math.max(1, columns.length);
    };
    const here = nodes
      .filter(({ id }) => ranks.get(id) === rank)
      .sort((one, other) => Number(spine.has(other.id)) - Number(spine.has(one.id)) || before(one.id) - before(other.id));
    let x = left;
    for (const [column, node] of here.entries()) {
      const box = boxOf(node, { x, y, width: columnWidths[column] ?? columnWidths.at(-1) ?? 0 }, suffix);
      boxes.set(node.id, box);
      x += box.width + columnGap;
    }
    y += Math.max(0, ...here.map(({ id }) => boxes.get(id)?.height ?? 0)) + rankGap;
  }
  return boxes;
}

function boxOf(node: DiagramNode, place: { readonly x: number; readonly y: number; readonly width: number }, suffix: string): PlacedBox {
  const details = detailsOf(node);
  const words =
    node.kind === 'senders' ? node.facts.map(([, provider]) => provider) : node.rules.map((rule) => shortName(rule.name, suffix));
  const chips = chipsOf(withoutCommonStart(words), place);
  const deadLetters = node.deadLetters.map((arn) => shortName(arn.slice(arn.lastIndexOf(':') + 1), suffix));
  const foot = chips.length > 0 ? chipHeight : 0;
  const more = details.length * detailHeight + deadLetters.length * letterHeight + foot;
  return {
    node,
    ...place,
    height: head + (more === 0 ? 0 : more + padding),
    name: shortName(node.name, suffix),
    details,
    deadLetters,
    chips,
  };
}

/** Without the environment, the account and the path before it. */
export function shortName(name: string, suffix: string): string {
  const words = (name.split('/').at(-1) ?? name).split('-');
  return words.filter((word) => word !== suffix && !/^\d{12}$/.test(word)).join('-');
}

function withoutCommonStart(words: readonly string[]): readonly string[] {
  const start = /^[^-]+-/.exec(words[0] ?? '')?.[0];
  return start !== undefined && words.every((word) => word.startsWith(start)) ? words.map((word) => word.slice(start.length)) : words;
}

function chipsOf(words: readonly string[], { x, width }: { readonly x: number; readonly width: number }): readonly Chip[] {
  const gap = 6;
  const each = (width - 2 * 12 - (words.length - 1) * gap) / Math.max(1, words.length);
  return words.map((text, index) => ({ text, x: x + 12 + index * (each + gap), width: each }));
}

function detailsOf({ kind, facts }: DiagramNode): readonly string[] {
  const values = (word: string): readonly string[] => facts.filter(([name]) => name === word).map(([, value]) => value);
  if (kind === 'api') return [...values('route')].sort();
  if (kind === 'function') {
    const batch = values('batch').map((size) => `batches ${size}`);
    return [[...values('memory'), ...values('timeout'), ...batch].join(' · ')];
  }
  const attempts = values('dead letter after').map((receives) => `${receives}, then dead letter`);
  return kind === 'queue' ? [...values('visibility timeout').map((time) => `visibility timeout ${time}`), ...attempts] : [];
}

/** Draws edges so that they cross no box: down to the next rank by a curve, further through the gap beside, back up in lanes on the left. */
class Ways {
  readonly #boxes: Boxes;
  readonly #ranks: Ranks;
  readonly #edges: readonly DiagramEdge[];
  readonly #left: number;
  #inGap = 0;
  #onLeft = 0;
  readonly #arrived = new Map<PlacedBox, number>();

  constructor(boxes: Boxes, ranks: Ranks, edges: readonly DiagramEdge[], left: number) {
    this.#boxes = boxes;
    this.#ranks = ranks;
    this.#edges = edges;
    this.#left = left;
  }

  drawn(front: string | undefined): readonly DrawnEdge[] {
    return this.#edges.flatMap((edge) => {
      const [from, to] = [this.#boxes.get(edge.from), this.#boxes.get(edge.to)];
      if (from === undefined || to === undefined) return [];
      const path = edge.kind === 'uses' ? this.#back(from, to) : this.#isNext(edge) ? this.#down(edge, from, to) : this.#beside(from, to);
      return [{ kind: edge.kind, path, label: labelOf(from, to, front) }];
    });
  }

  #isNext({ from, to }: DiagramEdge): boolean {
    return (this.#ranks.get(to) ?? 0) === (this.#ranks.get(from) ?? 0) + 1;
  }

  #down(edge: DiagramEdge, from: PlacedBox, to: PlacedBox): string {
    const [x1, y1, x2, y2] = [portOut(edge, from, to), from.y + from.height, this.#portIn(edge, from, to), to.y];
    const lowest = Math.max(y1, y2 - rankGap);
    const middle = (lowest + y2) / 2;
    return x1 === x2 ? `M${x1} ${y1}V${y2}` : `M${x1} ${y1}V${lowest}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
  }

  /** Several edges between the same two boxes come in side by side. */
  #portIn(edge: DiagramEdge, from: PlacedBox, to: PlacedBox): number {
    const same = this.#edges.filter((other) => other.from === edge.from && other.to === edge.to && other.kind === 'flow');
    return portOf(to, from) + (same.indexOf(edge) - (same.length - 1) / 2) * 34;
  }

  #beside(from: PlacedBox, to: PlacedBox): string {
    const first = from.x <= to.x ? from : to;
    const lane = first.x + first.width + columnGap / 2 + (this.#inGap % 2 === 0 ? -1 : 1) * 6;
    this.#inGap += 1;
    const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
    const leaves = from.x < lane ? from.x + from.width : from.x;
    const enters = to.x < lane ? to.x + to.width : to.x;
    const [out, on] = [Math.sign(lane - leaves) * turn, Math.sign(enters - lane) * turn];
    return `M${leaves} ${y1}H${lane - out}q${out} 0 ${out} ${turn}V${y2 - turn}q0 ${turn} ${on} ${turn}H${enters}`;
  }

  #back(from: PlacedBox, to: PlacedBox): string {
    this.#onLeft += 1;
    const lane = this.#left - turn - this.#onLeft * laneWidth + laneWidth / 2;
    const arrived = (this.#arrived.get(to) ?? 0) + 1;
    this.#arrived.set(to, arrived);
    const [y1, y2] = [from.y + from.height / 2, to.y + Math.min(12 + arrived * 10, to.height - 6)];
    return `M${from.x} ${y1}H${lane + turn}q-${turn} 0 -${turn} -${turn}V${y2 + turn}q0 -${turn} ${turn} -${turn}H${to.x}`;
  }
}

function labelOf(from: PlacedBox, to: PlacedBox, front: string | undefined): DrawnEdge['label'] {
  const text = from.node.kind === 'senders' ? front : from.node.kind === 'table' && from.x === to.x ? 'stream' : undefined;
  return text === undefined ? undefined : { text, x: portOf(to, from) + 9, y: to.y - rankGap / 2 + 4 };
}

/** A rule's edge starts at its rule. */
function portOut(edge: DiagramEdge, from: PlacedBox, to: PlacedBox): number {
  const chip = from.chips[from.node.rules.findIndex(({ id }) => id === edge.rule)];
  return chip === undefined ? portOf(from, to) : chip.x + chip.width / 2;
}

/** Where an edge to or from `other` meets a box: in the middle of its foot or head, or on the side on which the other box is. */
function portOf({ x, width }: PlacedBox, other: PlacedBox): number {
  return x + width / 2 + (Math.sign(other.x - x) * width) / 4;
}
