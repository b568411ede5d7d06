import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { rawBodyOf } from '../../../../functions/shared/providers/raw-body';

const sha256 = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');
const row = (body: Uint8Array, bodySha256 = sha256(body)) => ({ bodyGzip: gzipSync(body), bodySha256 });

describe('rawBodyOf', () => {
  it('gives the bytes that were signed', () => {
    const body = Buffer.from('{"id":"evt_1"}\r\n');
    expect(rawBodyOf(row(body))).toEqual({ ok: true, value: body });
  });

  it('gives none where the row carries none', () => {
    expect(rawBodyOf({ bodySha256: 'x' })).toEqual({ ok: true, value: undefined });
  });

  it('refuses bytes of another SHA-256', () => {
    expect(rawBodyOf(row(Buffer.from('a'), sha256(Buffer.from('b'))))).toEqual({ ok: false, problem: 'body does not match its SHA-256' });
  });

  it('refuses what is not gzip, and what would not fit', () => {
    expect(rawBodyOf({ bodyGzip: Buffer.from('{}'), bodySha256: 'x' })).toEqual({ ok: false, problem: 'body is not gzip' });
    const fits = Buffer.alloc(16 * 1024 * 1024);
    expect(rawBodyOf(row(fits)).ok).toBe(true);
    expect(rawBodyOf(row(Buffer.concat([fits, Buffer.from('x')])))).toEqual({ ok: false, problem: 'body is not gzip' });
  });
});
