import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rangesPath, rangesText, readRangesFile } from '../../../scripts/ops/provider-ranges';
import { fetchPublished } from '../../../scripts/ops/published-list';
import { trustedProviderRanges } from '../../../stacks/trusted-ranges';
import { ops, type Ran } from './ops-stage';

let root: string;
let server: Server;
let url: string;
let answer: RequestListener;

beforeAll(async () => {
  server = createServer((request, response) => {
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}/ips.txt`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ranges-'));
  mkdirSync(path.join(root, 'stacks'));
  cpSync(rangesPath, path.join(root, rangesPath));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const present = trustedProviderRanges.stripe.cidrs.map((cidr) => cidr.replace('/32', ''));
const [first = '', ...rest] = present;

function text(body: string): RequestListener {
  return (_request, response) => response.end(body);
}

/** Runs sync-ranges for Stripe against the server. */
function sync(...args: readonly string[]): Promise<Ran> {
  return ops(['providers', 'sync-ranges', '--provider', 'stripe', '--from', url, ...args], { root });
}

function written(): string {
  return readFileSync(path.join(root, rangesPath), 'utf8');
}

describe('providers sync-ranges', () => {
  it('says so where nothing differs, whatever the order and the form', async () => {
    for (const body of [
      present.join('\n'),
      [...present].reverse().join('\r\n\r\n'),
      JSON.stringify(present),
      JSON.stringify({ WEBHOOKS: present }),
    ]) {
      answer = text(body);
      expect(await sync('--write')).toMatchObject({ exitCode: 0, out: `stripe: as published, 15 addresses (${url})` });
      expect(written()).toBe(readFileSync(rangesPath, 'utf8'));
    }
  });

  it('shows the difference and changes nothing without --write', async () => {
    answer = text(`# of today\n${rest.join('\n')}\n9.9.9.9\n`);
    const ran = await sync();
    expect(ran.out).toBe(
      [`stripe: 1 new, 1 gone (${url})`, '  + 9.9.9.9/32', `  - ${first}/32`, '', 'Nothing was changed: say --write to take it over.'].join(
        '\n',
      ),
    );
    expect(written()).toBe(readFileSync(rangesPath, 'utf8'));
  });

  it('takes it over with --write: in order, with the day, and nothing else in the file', async () => {
    answer = text([...rest, '9.9.9.0/24'].join('\n'));
    expect((await sync('--write', '--json')).json()).toMatchObject({
      written: true,
      compared: [{ added: ['9.9.9.0/24'], removed: [`${first}/32`] }],
    });
    const before = readRangesFile(process.cwd());
    const { stripe, ...others } = readRangesFile(root);
    expect(stripe).toEqual({
      ...before['stripe'],
      date: '2026-11-05',
      cidrs: [`${rest[0] ?? ''}/32`, `${rest[1] ?? ''}/32`, '9.9.9.0/24', ...rest.slice(2).map((one) => `${one}/32`)].sort(byAddress),
    });
    expect(others).toEqual({ square: before['square'], 'square-sandbox': before['square-sandbox'] });
    expect(readdirSync(path.join(root, 'stacks'))).toEqual(['trusted-provider-ranges.json']);
  });

  it("reads a file where a provider's list is prose", async () => {
    const file = path.join(root, 'square.txt');
    writeFileSync(file, '34.202.99.168\n54.245.1.154\n');
    const ran = await ops(['providers', 'sync-ranges', '--provider', 'square', '--from', file], { root });
    expect(ran).toMatchObject({ exitCode: 0, out: `square: as published, 2 addresses (${file})` });
    expect(await ops(['providers', 'sync-ranges', '--provider', 'square'], { root })).toMatchObject({
      exitCode: 1,
      notes: expect.stringMatching(/^ops: square publishes no list that a program can read: save the addresses of https:.* to a file/),
    });
  });

  it.each([
    ['nothing', '', 'has no addresses in it'],
    ['a web page', '<!doctype html><p>3.18.12.63', 'is a web page, not a list'],
    ['other JSON', '{"a":["3.18.12.63"],"b":[]}', 'is JSON, but not a list of addresses'],
    ['a name', `${present.join('\n')}\nexample.com`, '"example.com/32" is not an IPv4 address'],
    ['an address of IPv6', `${present.join('\n')}\n2001:db8::1`, 'is not an IPv4 address'],
    ['the whole internet', `${present.join('\n')}\n0.0.0.0/0`, '"0.0.0.0/0" is wider than a /20'],
    ['half of it', `${present.join('\n')}\n128.0.0.0/1`, 'is wider than a /20'],
    ['a private address', `${present.join('\n')}\n10.0.0.1`, 'is in 10.0.0.0/8, which is not public'],
    ['the address of the metadata', `${present.join('\n')}\n169.254.169.254`, 'is in 169.254.0.0/16'],
    ['loopback', `${present.join('\n')}\n127.0.0.1`, 'is in 127.0.0.0/8'],
    [
      'a range that begins in its middle',
      `${present.join('\n')}\n9.9.9.9/24`,
      'is not an IPv4 address or range that begins at its first address',
    ],
    ['a control character', `${present.join('\n')}\n9.9.9.9\u001b[31m`, 'is not an IPv4 address'],
    ['none of the present ones', '9.9.9.9', 'has none of the 15 present addresses of stripe'],
    [
      'too many',
      Array.from({ length: 600 }, (_, index) => `9.9.${index >> 8}.${index & 255}`).join('\n'),
      'more than the 500 that are believed',
    ],
    ['too much', 'x'.repeat(300_000), 'answers more than 256 KB'],
  ])('refuses a list with %s, and changes nothing', async (_what, body, problem) => {
    answer = text(body);
    const ran = await sync('--write');
    expect([ran.exitCode, ran.out, ran.notes]).toEqual([1, '', expect.stringContaining(problem)]);
    expect(ran.notes).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(written()).toBe(readFileSync(rangesPath, 'utf8'));
  });

  it('takes a list without any of the present ones when it is told to', async () => {
    answer = text('9.9.9.9');
    expect((await sync('--write', '--replace-all')).exitCode).toBe(0);
    expect(readRangesFile(root)['stripe']?.cidrs).toEqual(['9.9.9.9/32']);
  });

  it.each([
    ['a redirect', 302, { location: 'https://evil.example/' }, 'sends to https://evil.example/: follow it by hand'],
    ['no page', 404, {}, 'answers 404'],
    ['a fault', 500, {}, 'answers 500'],
  ])('refuses %s', async (_what, status, headers, problem) => {
    answer = (_request, response) => response.writeHead(status, headers).end(present.join('\n'));
    expect(await sync('--write')).toMatchObject({ exitCode: 1, notes: expect.stringContaining(problem) });
  });

  it('refuses an answer that stops in the middle', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write(present.join('\n'));
      setTimeout(() => response.destroy(), 50);
    };
    expect(await sync('--write')).toMatchObject({ exitCode: 1, notes: expect.stringContaining('stopped in the middle of its answer') });
  });

  it('fetches over HTTPS alone, but from this machine', async () => {
    await expect(fetchPublished('http://stripe.com/files/ips/ips_webhooks.txt')).rejects.toThrow(
      'is not HTTPS: anybody on the way could change the list',
    );
    await expect(fetchPublished('ftp://127.0.0.1/a')).rejects.toThrow('is not HTTPS');
    await expect(fetchPublished('https://127.0.0.1:1/a')).rejects.toThrow(/cannot be reached/);
  });

  it.each([
    [['--from', 'x'], 2, '--from needs --provider: whose addresses are they?'],
    [['--provider', 'paypal'], 3, 'has no paypal, only stripe, square, square-sandbox: PayPal publishes no list for its webhooks'],
    [['--provider', 'stripe', '--from', '/no/such/file'], 3, 'there is no file /no/such/file'],
  ])('%j ends with %d', async (args, exitCode, problem) => {
    expect(await ops(['providers', 'sync-ranges', ...args], { root })).toMatchObject({ exitCode, notes: expect.stringContaining(problem) });
  });

  it('changes nothing once Ctrl-C was pressed, nor outside of a project', async () => {
    answer = text([...rest, '9.9.9.9'].join('\n'));
    const signal = AbortSignal.abort();
    const ran = await ops(['providers', 'sync-ranges', '--provider', 'stripe', '--from', url, '--write'], { root, signal });
    expect([ran.exitCode, written()]).toEqual([130, readFileSync(rangesPath, 'utf8')]);
    expect(await ops(['providers', 'sync-ranges'], { root: '/nowhere' })).toMatchObject({
      exitCode: 1,
      notes: expect.stringContaining('run it in the folder of the project'),
    });
  });
});

describe('the file of the ranges', () => {
  it('is as sync-ranges would write it', () => {
    expect(readFileSync(rangesPath, 'utf8')).toBe(rangesText(readRangesFile(process.cwd())));
  });

  it('is refused where it is not as it should be', () => {
    writeFileSync(path.join(root, rangesPath), '{"stripe":{"provider":"stripe"}}');
    expect(() => readRangesFile(root)).toThrow(/is not as it should be: stripe\.source /);
  });
});

function byAddress(a: string, b: string): number {
  const number = (cidr: string): number =>
    cidr
      .split(/[./]/)
      .slice(0, 4)
      .reduce((sum, part) => sum * 256 + Number(part), 0);
  return number(a) - number(b);
}
