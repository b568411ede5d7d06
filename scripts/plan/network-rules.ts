import type { Remark } from './finding';
import { outcome, type ResourceChange } from './plan-file';
import { after, before, blocks, show, strings } from './values';

/** Ways in or out of the network that this change opens. */
export function networkRemarks(change: ResourceChange): readonly Remark[] {
  return [...securityGroups(change), ...functionUrl(change), ...publicAccess(change), ...firewall(change), ...routes(change)];
}

function exposed(says: string, evidence: readonly string[]): readonly Remark[] {
  return evidence.length === 0 ? [] : [{ risk: 'network-exposed', says, evidence }];
}

interface Opening {
  readonly peer: string;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

function securityGroups(change: ResourceChange): readonly Remark[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const earlier = openings(change, direction, before);
    const wider = openings(change, direction, after).filter((opening) => !earlier.some((other) => includes(other, opening)));
    const says = direction === 'ingress' ? 'More may come in.' : 'More may go out.';
    return exposed(
      says,
      wider.map(({ peer, protocol, from, to }) => `${direction} ${peer} ${protocol} ports ${from}-${to}`),
    );
  });
}

function openings(change: ResourceChange, direction: 'ingress' | 'egress', side: typeof before): readonly Opening[] {
  switch (change.type) {
    case 'aws_security_group':
    case 'aws_default_security_group':
      return blocks(side(change, direction)).flatMap((block) => opening(block));
    case 'aws_security_group_rule':
      return side(change, 'type') === direction ? opening(sideOf(change, side)) : [];
    case `aws_vpc_security_group_${direction}_rule`:
      return opening(sideOf(change, side));
    default:
      return [];
  }
}

const ports = ['protocol', 'ip_protocol', 'from_port', 'to_port'];
const peers = [
  ...['cidr_blocks', 'ipv6_cidr_blocks', 'prefix_list_ids', 'security_groups', 'source_security_group_id', 'self'],
  ...['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id'],
];

function sideOf(change: ResourceChange, side: typeof before): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...ports, ...peers].map((key) => [key, side(change, key)]));
}

function opening(rule: Readonly<Record<string, unknown>>): readonly Opening[] {
  const protocol = rule['protocol'] ?? rule['ip_protocol'];
  if (protocol === undefined) return [];
  const every = protocol === '-1' || protocol === 'all';
  const port = (value: unknown, otherwise: number): number => (every || typeof value !== 'number' || value < 0 ? otherwise : value);
  const range = { from: port(rule['from_port'], 0), to: port(rule['to_port'], 65_535), protocol: every ? 'all protocols' : show(protocol) };
  return peers.flatMap((key) => peerNames(key, rule[key])).map((peer) => ({ peer, ...range }));
}

function peerNames(key: string, value: unknown): readonly string[] {
  if (key === 'self') return value === true ? ['itself'] : [];
  return typeof value === 'symbol' ? [show(value)] : strings(value);
}

function includes(wide: Opening, narrow: Opening): boolean {
  const peer = wide.peer === narrow.peer || wide.peer === '0.0.0.0/0' || wide.peer === '::/0';
  const protocol = wide.protocol === narrow.protocol || wide.protocol === 'all protocols';
  return peer && protocol && wide.from <= narrow.from && wide.to >= narrow.to;
}

function functionUrl(change: ResourceChange): readonly Remark[] {
  if (change.type === 'aws_api_gateway_method' && outcome(change) !== 'created') {
    const [earlier, later] = [before(change, 'authorization'), after(change, 'authorization')];
    return exposed(
      'The method asks nobody who they are.',
      later === 'NONE' && earlier !== 'NONE' ? [`authorization: ${show(earlier)} → NONE`] : [],
    );
  }
  if (change.type !== 'aws_lambda_function_url') return [];
  const [earlier, later] = [before(change, 'authorization_type'), after(change, 'authorization_type')];
  const evidence = later === 'NONE' && earlier !== 'NONE' ? [`authorization_type: ${show(earlier)} → NONE`] : [];
  return exposed('Anybody on the internet may call the function at its URL.', evidence);
}

const blockingFlags = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'];

function publicAccess(change: ResourceChange): readonly Remark[] {
  if (change.type === 'aws_s3_bucket_acl') {
    const acl = show(after(change, 'acl'));
    return exposed(
      'The bucket is readable by others.',
      /public|authenticated-read/.test(acl) && acl !== before(change, 'acl') ? [`acl: ${acl}`] : [],
    );
  }
  if (!/^aws_s3_(bucket|account)_public_access_block$/.test(change.type)) return [];
  const weakened = blockingFlags.filter((flag) => {
    const blocked = outcome(change) === 'created' || before(change, flag) === true;
    return blocked && after(change, flag) !== true && typeof after(change, flag) !== 'symbol';
  });
  return exposed(
    'The bucket may be made public.',
    weakened.map((flag) => `${flag}: ${show(before(change, flag))} → ${show(after(change, flag))}`),
  );
}

function firewall(change: ResourceChange): readonly Remark[] {
  if (outcome(change) === 'created' || outcome(change) === 'unchanged') return [];
  switch (change.type) {
    case 'aws_wafv2_web_acl_association':
      return exposed('The web ACL no longer stands before the API, or not while it is replaced.', [outcome(change)]);
    case 'aws_wafv2_web_acl':
      return exposed('The web ACL lets more through.', loosened(change));
    case 'aws_wafv2_ip_set':
      return exposed('More addresses are in the set.', added(change, 'addresses'));
    default:
      return [];
  }
}

function added(change: ResourceChange, path: string): readonly string[] {
  const earlier = strings(before(change, path));
  return strings(after(change, path)).filter((entry) => !earlier.includes(entry));
}

function loosened(change: ResourceChange): readonly string[] {
  const earlier = aclRules(change, before);
  const later = aclRules(change, after);
  if (later.size === 0) return outcome(change) === 'destroyed' ? ['the web ACL is destroyed'] : [];
  const counted = [...later].filter(([rule, does]) => weight(does) < weight(earlier.get(rule) ?? 'none'));
  const gone = [...earlier.keys()].filter((rule) => !later.has(rule));
  return [
    ...gone.map((rule) => `rule ${rule}: removed (was ${earlier.get(rule) ?? ''})`),
    ...counted.map(([rule, does]) => `rule ${rule}: ${earlier.get(rule) ?? ''} → ${does}`),
    ...[...later].flatMap(([rule, does]) => (does === 'allow' && !earlier.has(rule) ? [`rule ${rule}: new, allows`] : [])),
    ...higherLimits(change),
  ];
}

/** Each rule's action; the default action stands among them under its own name. */
function aclRules(change: ResourceChange, side: typeof before): ReadonlyMap<string, string> {
  const rules = blocks(side(change, 'rule')).map((rule) => {
    const own = firstKey(rule['action']) ?? (firstKey(rule['override_action']) === 'count' ? 'count' : 'block');
    return [show(rule['name']), own] as const;
  });
  const otherwise = firstKey(side(change, 'default_action'));
  return new Map(otherwise === undefined ? rules : [...rules, ['(default action)', otherwise]]);
}

function firstKey(value: unknown): string | undefined {
  const [block] = blocks(value);
  return Object.entries(block ?? {}).find(([, inner]) => blocks(inner).length > 0)?.[0];
}

/** How much an action holds back. */
function weight(action: string): number {
  return { block: 3, captcha: 2, challenge: 2, count: 1, allow: 0, none: 0 }[action] ?? 1;
}

function higherLimits(change: ResourceChange): readonly string[] {
  const limits = (side: typeof before): ReadonlyMap<string, number> =>
    new Map(
      blocks(side(change, 'rule')).flatMap((rule) => {
        const limit = blocks(blocks(rule['statement'])[0]?.['rate_based_statement'])[0]?.['limit'];
        return typeof limit === 'number' ? [[show(rule['name']), limit] as const] : [];
      }),
    );
  const earlier = limits(before);
  return [...limits(after)].flatMap(([rule, limit]) => {
    const was = earlier.get(rule);
    return was !== undefined && limit > was ? [`rule ${rule}: rate limit ${was} → ${limit}`] : [];
  });
}

function routes(change: ResourceChange): readonly Remark[] {
  if (change.type === 'aws_subnet') {
    const opens = before(change, 'map_public_ip_on_launch') === false && after(change, 'map_public_ip_on_launch') === true;
    return exposed('What starts in the subnet gets a public address.', opens ? ['map_public_ip_on_launch: false → true'] : []);
  }
  if (change.type === 'aws_lambda_function' && outcome(change) === 'changed') {
    const leaves = strings(before(change, 'vpc_config.0.subnet_ids')).length > 0 && blocks(after(change, 'vpc_config')).length === 0;
    return exposed('The function leaves the VPC, and with it the egress rules.', leaves ? ['vpc_config: removed'] : []);
  }
  return [];
}
