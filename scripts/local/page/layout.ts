import type { Diagram, DiagramEdge, DiagramNode } from './diagram';

export interface PlacedNode extends DiagramNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its name on at most two lines, without what all names have in common. */
  readonly lines: readonly string[];
}

export interface PlacedEdge extends DiagramEdge {
  readonly id: string;
  /** An SVG path. */
  readonly path: string;
}

/** A diagram with a place for everything, left to right in the order in which an event passes. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const nodeWidth = 118;
const nodeHeight = 50;
/** One rule of a bus. */
export const ruleHeight = 18;
/** One dead-letter queue, hanging under what it belongs to. */
export const letterHeight = 21;
const columnGap = 32;
const rowGap = 26;
const laneGap = 12;
const margin = 14;
const lineLength = 14;

/** Places nodes in columns by their longest way from the start; the longest chain is the first row. `suffix`: the environment's, left out of names. */
export function layOut({ nodes, edges }: Diagram, suffix: string): Layout {
  const flows = edges.filter(({ kind }) => kind === 'flow');
  const columns = columnsOf(nodes, flows);
  const spine = spineOf(nodes, flows, columns);
  const lanesAbove = edges.filter(({ kind }) => kind === 'uses').length;
  const spineHeight = Math.max(...nodes.filter(({ id }) => spine.has(id)).map((node) => heightOf(node)));
  const spineY = margin + lanesAbove * laneGap + spineHeight / 2;
  const placed = place(nodes, { flows, columns, spine, spineY, suffix });
  const bottom = Math.max(...[...placed.values()].map((node) => node.y + node.height + node.deadLetters.length * letterHeight));
  const routes = new Routes(placed, columns, bottom, margin);
  const drawn = edges.map((edge, index) => ({ ...edge, id: `e${index}`, path: routes.pathOf(edge) }));
  const width = Math.max(...[...placed.values()].map(({ x }) => x)) + nodeWidth + margin;
  return { width, height: routes.bottom + margin, nodes: [...placed.values()], edges: drawn };
}

/** A rank per node: how many steps the longest way to it has. */
export type Columns = ReadonlyMap<string, number>;

export function columnsOf(nodes: readonly DiagramNode[], flows: readonly DiagramEdge[]): Columns {
  const columns = new Map<string, number>();
  const columnOf = (id: string, way: readonly string[]): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    if (way.includes(id)) return 0;
    const before = flows.filter(({ to }) => to === id).map(({ from }) => columnOf(from, [...way, id]) + 1);
    const column = Math.max(0, ...before);
    columns.set(id, column);
    return column;
  };
  for (const { id } of nodes) columnOf(id, []);
  return columns;
}

/** Nodes on the longest chain: from the last column back, always over a neighbour one column before. */
export function spineOf(nodes: readonly DiagramNode[], flows: readonly DiagramEdge[], columns: Columns): ReadonlySet<string> {
  const byColumn = [...nodes].sort((one, other) => (columns.get(other.id) ?? 0) - (columns.get(one.id) ?? 0));
  const spine = new Set<string>();
  for (let id = byColumn[0]?.id; id !== undefined;) {
    spine.add(id);
    const here: string = id;
    id = flows.find(({ from, to }) => to === here && columns.get(from) === (columns.get(here) ?? 0) - 1)?.from;
  }
  return spine;
}

interface Placing {
  readonly flows: readonly DiagramEdge[];
  readonly columns: Columns;
  readonly spine: ReadonlySet<string>;
  readonly spineY: number;
  readonly suffix: string;
}

function place(nodes: readonly DiagramNode[], { flows, columns, spine, spineY, suffix }: Placing): ReadonlyMap<string, PlacedNode> {
  const placed = new Map<string, PlacedNode>();
  const last = Math.max(...columns.values());
  for (let column = 0; column <= last; column += 1) {
    const before = (id: string): number => {
      const rows = flows.filter(({ to }) => to === id).map(({ from }) => placed.get(from)?.y ?? 0);
      return rows.length === 0 ? 0 : rows.reduce((sum, y) => sum + y, 0) / rows.length;
    };
    const here = nodes
      .filter(({ id }) => columns.get(id) === column)
      .sort((one, other) => Number(spine.has(other.id)) - Number(spine.has(one.id)) || before(one.id) - before(other.id));
    let y = spineY - heightOf(here[0]) / 2;
    for (const node of here) {
      const height = heightOf(node);
      const x = margin + column * (nodeWidth + columnGap);
      placed.set(node.id, { ...node, x, y, width: nodeWidth, height, lines: linesOf(node.name, suffix) });
      y += height + node.deadLetters.length * letterHeight + rowGap;
    }
  }
  return placed;
}

function heightOf(node: DiagramNode | undefined): number {
  if (node?.kind === 'senders') return nodeHeight + node.facts.length * ruleHeight;
  const rules = node?.rules.length ?? 0;
  return nodeHeight + (rules === 0 ? 0 : rules * ruleHeight + 6);
}

/** Between hyphens, on at most two lines; what does not fit is cut. */
export function linesOf(name: string, suffix: string): readonly string[] {
  const words = name
    .split('/')
    .slice(-1)
    .flatMap((part) => part.split('-'))
    .filter((word) => word !== suffix && !/^\d{12}$/.test(word));
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && `${line}-${word}`.length <= lineLength) lines[lines.length - 1] = `${line}-${word}`;
    else lines.push(word);
  }
  const [first = name, ...rest] = lines;
  return (rest.length === 0 ? [first] : [`${first}-`, rest.join('-')]).map((line) => cut(line, lineLength + 1));
}

function cut(line: string, length: number): string {
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** Draws edges so that they cross no node: neighbours by a curve, everything else through the gaps between columns and a lane of its own. */
class Routes {
  readonly #placed: ReadonlyMap<string, PlacedNode>;
  readonly #columns: Columns;
  #underCount = 0;
  #below: number;
  #above: number;

  constructor(placed: ReadonlyMap<string, PlacedNode>, columns: Columns, bottom: number, top: number) {
    this.#placed = placed;
    this.#columns = columns;
    this.#below = bottom;
    this.#above = top - laneGap;
  }

  /** How far down the lowest lane is. */
  get bottom(): number {
    return this.#below;
  }

  pathOf(edge: DiagramEdge): string {
    const from = this.#placed.get(edge.from);
    const to = this.#placed.get(edge.to);
    if (from === undefined || to === undefined) return '';
    if (edge.kind === 'uses') return this.#over(from, to);
    const start = { x: from.x + from.width, y: startY(from, edge.rule) };
    const isNext = (this.#columns.get(to.id) ?? 0) === (this.#columns.get(from.id) ?? 0) + 1;
    return isNext ? curve(start.x, start.y, to.x, to.y + to.height / 2) : this.#under(start, to);
  }

  #under(start: { readonly x: number; readonly y: number }, to: PlacedNode): string {
    this.#below += laneGap;
    const lane = this.#below;
    const turn = 6;
    // Ways that share a gap between columns run side by side in it.
    const shift = ((this.#underCount % 3) - 1) * 5;
    this.#underCount += 1;
    const [left, right] = [start.x + columnGap / 2 + shift, to.x - columnGap / 2 + shift];
    const end = to.y + to.height / 2 + 9;
    return [
      `M${start.x} ${start.y + 9}H${left - turn}q${turn} 0 ${turn} ${turn}V${lane - turn}q0 ${turn} ${turn} ${turn}`,
      `H${right - turn}q${turn} 0 ${turn} -${turn}V${end + turn}q0 -${turn} ${turn} -${turn}H${to.x}`,
    ].join('');
  }

  #over(from: PlacedNode, to: PlacedNode): string {
    this.#above += laneGap;
    const lane = this.#above;
    const turn = 6;
    // Two edges that end at one node come in side by side.
    const end = to.x + to.width / 2 + (lane - margin) * 1.5;
    const start = from.x + from.width / 2;
    return `M${start} ${from.y}V${lane + turn}q0 -${turn} ${-turn} -${turn}H${end + turn}q${-turn} 0 ${-turn} ${turn}V${to.y}`;
  }
}

function startY(node: PlacedNode, rule: string | undefined): number {
  const index = node.rules.findIndex(({ id }) => id === rule);
  return index < 0 ? node.y + node.height / 2 : node.y + nodeHeight + index * ruleHeight + ruleHeight / 2;
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const bend = (x2 - x1) / 2;
  return y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
