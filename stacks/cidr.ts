/** A range of IPv4 addresses. */
export interface Cidr {
  /** First address of the range, as a number. */
  readonly address: number;
  readonly prefix: number;
}

/** Reads `10.0.0.0/16`; undefined when it is no CIDR, or when its address is not the first of its range. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match.slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || prefix > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return address % sizeOf(prefix) === 0 ? { address, prefix } : undefined;
}

/** The `index`th of the ranges that are `newBits` smaller than `cidr`. Throws when there is no such range. */
export function subnetOf(cidr: string, newBits: number, index: number): string {
  const parent = parseCidr(cidr);
  if (parent === undefined) throw new Error(`${JSON.stringify(cidr)} is not a CIDR`);
  const prefix = parent.prefix + newBits;
  if (prefix > 32 || index >= 2 ** newBits) throw new Error(`${cidr} has no range ${index} of /${prefix}`);
  return `${dotted(parent.address + index * sizeOf(prefix))}/${prefix}`;
}

/** Whether the whole range is set aside for private networks (RFC 1918), which is what a VPC should use. */
export function isPrivate(cidr: Cidr): boolean {
  return ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].some((text) => {
    const range = parseCidr(text);
    return range !== undefined && cidr.prefix >= range.prefix && overlap(cidr, range);
  });
}

/** What nobody on the internet can send from: private, shared, loopback, link-local, documentation, multicast and reserved ranges. */
const unroutable = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];

/** The largest range that one sender is believed to have: 4,096 addresses. */
const widestPrefix = 20;

/** Why these addresses should not be trusted as one sender's, in a few words; undefined when they may be. */
export function distrust(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return 'is not an IPv4 address or range that begins at its first address';
  if (cidr.prefix < widestPrefix) return `is wider than a /${widestPrefix}`;
  const inside = unroutable.find((range) => overlap(cidr, parseCidr(range) ?? cidr));
  return inside === undefined ? undefined : `is in ${inside}, which is not public`;
}

function overlap(a: Cidr, b: Cidr): boolean {
  const size = sizeOf(Math.min(a.prefix, b.prefix));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
