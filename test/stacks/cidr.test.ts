import { describe, expect, it } from '@jest/globals';
import { distrust, isPrivate, parseCidr, subnetOf } from '../../stacks/cidr';

describe('parseCidr', () => {
  it('reads a range', () => {
    expect(parseCidr('10.1.0.0/16')).toEqual({ address: 0x0a_01_00_00, prefix: 16 });
  });

  it.each(['10.0.0.0', '10.0.0/16', '10.0.0.0/33', '10.0.0.256/24', '10.0.0.1/24', '10.0.0.0/16 ', '::/0', '10.0.0.0/-1'])(
    'refuses %j',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );
});

describe('subnetOf', () => {
  it('cuts a range into equal parts', () => {
    expect([0, 1, 2, 3].map((index) => subnetOf('10.0.0.0/16', 2, index))).toEqual([
      '10.0.0.0/18',
      '10.0.64.0/18',
      '10.0.128.0/18',
      '10.0.192.0/18',
    ]);
    expect(subnetOf('192.168.255.0/24', 4, 15)).toBe('192.168.255.240/28');
    expect(subnetOf('223.255.0.0/16', 1, 1)).toBe('223.255.128.0/17');
  });

  it('refuses a part that is not there', () => {
    expect(() => subnetOf('10.0.0.0/16', 2, 4)).toThrow('no range 4 of /18');
    expect(() => subnetOf('10.0.0.0/31', 2, 0)).toThrow('no range 0 of /33');
    expect(() => subnetOf('ten', 2, 0)).toThrow('not a CIDR');
  });
});

describe('isPrivate', () => {
  const privateRange = (text: string) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && isPrivate(cidr);
  };

  it.each(['10.0.0.0/8', '10.255.0.0/16', '172.16.0.0/12', '172.31.255.0/24', '192.168.0.0/16'])('takes %s', (text) => {
    expect(privateRange(text)).toBe(true);
  });

  it.each(['0.0.0.0/0', '8.0.0.0/7', '11.0.0.0/8', '172.32.0.0/16', '192.0.0.0/8', '192.169.0.0/16'])('refuses %s', (text) => {
    expect(privateRange(text)).toBe(false);
  });
});

describe('distrust', () => {
  it.each(['3.18.12.63/32', '9.9.9.0/24', '99.255.240.0/20', '172.32.0.0/20', '223.255.255.255/32'])('lets %s be trusted', (text) => {
    expect(distrust(text)).toBeUndefined();
  });

  it.each([
    ['0.0.0.0/0', 'is wider than a /20'],
    ['9.0.0.0/19', 'is wider than a /20'],
    ['100.64.0.1/32', 'is in 100.64.0.0/10, which is not public'],
    ['192.0.2.1/32', 'is in 192.0.2.0/24, which is not public'],
    ['224.0.0.1/32', 'is in 224.0.0.0/3, which is not public'],
    ['255.255.255.255/32', 'is in 224.0.0.0/3, which is not public'],
    ['198.51.96.0/20', 'is in 198.51.100.0/24, which is not public'],
    ['9.9.9.9', 'is not an IPv4 address or range that begins at its first address'],
  ])('does not trust %s: it %s', (text, reason) => {
    expect(distrust(text)).toBe(reason);
  });
});
