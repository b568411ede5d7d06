import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { X509Certificate } from 'node:crypto';
import { httpsCertificateFetcher, httpsIssuerFetcher } from '../../../functions/webhook-receiver/https-certificate-fetcher';
import { paypalChain } from '../../support/signers';

const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const url = 'https://api.paypal.com/v1/notifications/certs/CERT-1';

let server: Server | undefined;
afterEach(async () => {
  await new Promise((resolve) => {
    server?.close(resolve);
    server?.closeAllConnections();
  });
});

/** Answers like the certificate's host would, on the loopback interface; gives its origin. */
async function host(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const started = createServer(answer);
  server = started;
  return new Promise((resolve) => {
    started.listen(0, '127.0.0.1', () => {
      const address = started.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : ''}`);
    });
  });
}

async function fetchFrom(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string | undefined> {
  return httpsCertificateFetcher({ originOverride: await host(answer), deadlineMs: 1000 }).fetchPem(url);
}

describe('fetchPem', () => {
  it('asks for the path of the URL, at the origin that stands in for the provider', async () => {
    const paths: (string | undefined)[] = [];
    const text = await fetchFrom((request, response) => {
      paths.push(request.url);
      response.end(pem);
    });
    expect(text).toBe(pem);
    expect(paths).toEqual(['/v1/notifications/certs/CERT-1']);
  });

  it.each([301, 302, 307])('does not follow a redirect (%i)', async (status) => {
    let requests = 0;
    const fetching = fetchFrom((_, response) => {
      requests += 1;
      response.writeHead(status, { location: '/elsewhere' }).end(pem);
    });
    await expect(fetching).rejects.toThrow(`the certificate's host answered ${status}`);
    expect(requests).toBe(1);
  });

  it.each([404, 410])('takes %i for the word that there is none, whatever comes with it', async (status) => {
    expect(await fetchFrom((_, response) => response.writeHead(status).end(pem))).toBeUndefined();
  });

  it.each([204, 400, 403, 429, 500])('takes %i for a failure', async (status) => {
    await expect(fetchFrom((_, response) => response.writeHead(status).end(pem))).rejects.toThrow(String(status));
  });

  it('gives up when the host does not answer in time', async () => {
    await expect(fetchFrom(() => undefined)).rejects.toThrow(/abort/i);
  });

  it('gives up when the body does not end in time, though bytes keep coming', async () => {
    let timer: NodeJS.Timeout | undefined;
    const fetching = fetchFrom((_, response) => {
      response.write(pem);
      timer = setInterval(() => response.write(' '), 20);
    });
    await expect(fetching).rejects.toThrow();
    clearInterval(timer);
  });

  it('stops reading after 32 kB', async () => {
    const fetching = fetchFrom((_, response) => {
      response.end(pem + 'x'.repeat(64 * 1024));
    });
    await expect(fetching).rejects.toThrow('larger than 32 kB');
  });

  it.each(['', '<html>Access denied</html>', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'])(
    'takes no %j for a certificate',
    async (text) => {
      await expect(fetchFrom((_, response) => response.end(text))).rejects.toThrow('not in PEM');
    },
  );

  it('throws when nobody listens', async () => {
    const fetcher = httpsCertificateFetcher({ originOverride: 'http://127.0.0.1:1' });
    await expect(fetcher.fetchPem(url)).rejects.toThrow('ECONNREFUSED');
  });

  it('speaks TLS to the URL itself when nothing stands in for it', async () => {
    const origin = await host((_, response) => response.end(pem));
    const fetcher = httpsCertificateFetcher();
    await expect(fetcher.fetchPem(origin.replace('http:', 'https:'))).rejects.toThrow(/SSL|EPROTO|packet length|wrong version/i);
  });
});

describe('fetchPem of an issuer', () => {
  const { intermediate } = paypalChain();
  const certificate = new X509Certificate(intermediate.pem);
  const issuerFrom = async (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    httpsIssuerFetcher({ originOverride: await host(answer), deadlineMs: 1000 }).fetchPem('https://cacerts.digicert.com/NewIssuer.crt');

  it.each([
    ['DER, as DigiCert serves it', certificate.raw],
    ['PEM', intermediate.pem],
  ])('takes %s', async (_, served) => {
    const paths: (string | undefined)[] = [];
    const pem = await issuerFrom((request, response) => {
      paths.push(request.url);
      response.end(served);
    });
    expect(new X509Certificate(pem ?? '').fingerprint256).toBe(certificate.fingerprint256);
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(paths).toEqual(['/NewIssuer.crt']);
  });

  it('takes one certificate of several', async () => {
    const pem = await issuerFrom((_, response) => response.end(intermediate.pem + paypalChain().root.pem));
    expect(pem?.match(/BEGIN/g)).toHaveLength(1);
  });

  it.each(['', '<html>Access denied</html>', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'takes no %j for a certificate',
    async (text) => {
      await expect(issuerFrom((_, response) => response.end(text))).rejects.toThrow();
    },
  );

  it('reads up to 8 kB', async () => {
    expect(await issuerFrom((_, response) => response.end(intermediate.pem.padEnd(8192)))).toBeDefined();
  });

  it('stops reading after 8 kB', async () => {
    await expect(issuerFrom((_, response) => response.end(intermediate.pem.padEnd(8193)))).rejects.toThrow('larger than 8 kB');
  });

  it('does not follow a redirect', async () => {
    const moved = issuerFrom((_, response) => response.writeHead(302, { location: '/elsewhere' }).end(certificate.raw));
    await expect(moved).rejects.toThrow("the certificate's host answered 302");
  });

  it('takes 404 for the word that there is none', async () => {
    expect(await issuerFrom((_, response) => response.writeHead(404).end(certificate.raw))).toBeUndefined();
  });

  it('gives up when the host does not answer in time', async () => {
    await expect(issuerFrom(() => undefined)).rejects.toThrow(/abort/i);
  });
});
