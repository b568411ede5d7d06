import { describe, expect, it } from '@jest/globals';
import { isLoopback } from '../../../../functions/shared/domain/loopback';

describe('isLoopback', () => {
  it.each([
    'http://127.0.0.1:3000',
    'https://127.0.0.1',
    'http://127.12.255.254/path',
    'http://[::1]:4566',
    'http://localhost:4566',
    'https://localhost',
  ])('says yes to %s', (url) => {
    expect(isLoopback(url)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'localhost',
    'not a URL',
    'ftp://127.0.0.1',
    'xhttp://127.0.0.1',
    'http://10.0.0.1',
    'http://126.0.0.1',
    'http://localhost.example.com',
    'http://example.com/127.0.0.1',
    'http://127.0.0.1.example.com',
    'http://a127.0.0.1.example.com',
    'http://[::2]',
  ])('says no to %p', (url) => {
    expect(isLoopback(url)).toBe(false);
  });
});
