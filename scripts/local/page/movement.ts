import type { Activity } from '../activity';
import { textAt } from '../json';
import type { NodeKind } from './diagram';
import type { Layout, PlacedEdge } from './layout';

/** Something to show moving through the picture. */
export interface Move {
  /** Ids of edges, one way after the other; each is a list that is followed from its first. */
  readonly ways: readonly (readonly string[])[];
  /** The node that it ends at when it goes no further. */
  readonly stopsAt?: string;
  readonly tone: 'ok' | 'again' | 'bad';
}

/** Where each line of a function says that an event went on to; none: it ended there. */
const onward: Readonly<Record<string, { readonly to: readonly NodeKind[]; readonly tone: Move['tone'] }>> = {
  'webhook stored': { to: ['table'], tone: 'ok' },
  'webhook duplicate': { to: [], tone: 'again' },
  'webhook conflict': { to: [], tone: 'bad' },
  'webhook rejected': { to: [], tone: 'bad' },
  'webhook unavailable': { to: [], tone: 'bad' },
  'event relayed': { to: ['queue', 'bucket'], tone: 'ok' },
  'event published': { to: ['bus'], tone: 'ok' },
  'alert sent': { to: ['topic'], tone: 'ok' },
  'alert skipped': { to: [], tone: 'again' },
  'audit written': { to: ['bucket'], tone: 'ok' },
  'tampering detected': { to: ['topic'], tone: 'bad' },
};

/** Turns what happens into movement along the edges of the picture. */
export function movementsOn({ nodes, edges }: Layout): (activity: Activity) => Move | undefined {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const flows = edges.filter(({ kind }) => kind === 'flow');
  const functions = new Map(nodes.filter(({ kind }) => kind === 'function').map(({ name, id }) => [name, id]));
  return (activity) => {
    if (activity.kind === 'published') return onRules(flows, activity.event.rules);
    if (activity.kind !== 'log') return undefined;
    const known = onward[textAt(activity.fields, 'message')];
    const here = functions.get(activity.functionName);
    if (known === undefined || here === undefined) return undefined;
    const into = wayInto(here, flows, kinds);
    const out = wayOut(flows, here, known.to, kinds);
    const ways = out.length === 0 ? [into] : out.map((id, index) => (index === 0 ? [...into, id] : [id]));
    return { ways, tone: known.tone, ...(known.to.length === 0 && { stopsAt: here }) };
  };
}

/** Events come into a function over one trigger; what comes over the API came from a sender before. */
function wayInto(id: string, flows: readonly PlacedEdge[], kinds: ReadonlyMap<string, NodeKind>): readonly string[] {
  const trigger = flows.find(({ to }) => to === id);
  if (trigger === undefined) return [];
  return kinds.get(trigger.from) === 'api' ? [...wayInto(trigger.from, flows, kinds), trigger.id] : [trigger.id];
}

function wayOut(
  flows: readonly PlacedEdge[],
  here: string,
  to: readonly NodeKind[],
  kinds: ReadonlyMap<string, NodeKind>,
): readonly string[] {
  return flows.filter((edge) => edge.from === here && to.includes(kinds.get(edge.to) ?? 'other')).map(({ id }) => id);
}

function onRules(flows: readonly PlacedEdge[], rules: readonly string[]): Move | undefined {
  const ways = flows.filter(({ rule }) => rule !== undefined && rules.includes(rule)).map(({ id }) => [id]);
  return ways.length === 0 ? undefined : { ways, tone: 'ok' };
}
