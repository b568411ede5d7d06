import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { Server } from 'node:net';
import { answerOf, answerToFault } from '../../functions/webhook-receiver/answer';
import { certificateCache } from '../../functions/webhook-receiver/certificate-cache';
import { httpsCertificateFetcher, httpsIssuerFetcher } from '../../functions/webhook-receiver/https-certificate-fetcher';
import { receiveWebhook } from '../../functions/webhook-receiver/receive-webhook';
import { report, reportFault } from '../../functions/webhook-receiver/report';
import { makeCertificate, rsaKeys } from '../support/certificates';
import type { CertificateOptions } from '../support/certificates';
import { World } from '../support/fakes';
import { receiverOver } from '../support/receiving';
import { paypalChain, sandboxCommonName, signPaypal } from '../support/signers';

const { root, intermediate, leaf, pem } = paypalChain();
const body = Buffer.from('{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C-1"}}');
const canary = 'canary-of-the-certificate-host';
const deadlineMs = 250;

let world: World;
let server: Server | undefined;
let timer: NodeJS.Timeout | undefined;
beforeEach(() => {
  world = new World();
  world.secretTexts.set('paypal', JSON.stringify({ webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox' }));
});
afterEach(async () => {
  clearInterval(timer);
  await new Promise((resolve) => {
    if (server === undefined) resolve(undefined);
    else server.close(resolve);
  });
  server = undefined;
});

async function listening(started: Server, protocol: 'http' | 'https'): Promise<string> {
  server = started;
  started.on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  return `${protocol}://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : ''}`;
}

const hostByPath = (answer: (path: string | undefined, response: ServerResponse) => unknown): Promise<string> =>
  listening(
    createHttpServer((request, response) => {
      answer(request.url, response.setHeader('connection', 'close'));
    }),
    'http',
  );

const host = (answer: (response: ServerResponse) => void): Promise<string> =>
  hostByPath((_, response) => {
    answer(response);
  });

/** What a PayPal delivery is answered while its certificate comes from this origin; the rest is as in production. */
async function answered(origin: string, signing: Partial<Parameters<typeof signPaypal>[2]> = {}) {
  const options = { originOverride: origin, deadlineMs };
  const deps = {
    ...receiverOver(world),
    certificates: certificateCache(httpsCertificateFetcher(options), world.clock),
    issuers: certificateCache(httpsIssuerFetcher(options), world.clock),
  };
  const request = signPaypal(body, world.now, { webhookId: 'WEBHOOK_ONE', leaf, ...signing });
  try {
    const receipt = await receiveWebhook(deps, { providerName: 'paypal', request, correlationId: 'request-1' });
    report(world, receipt, 'request-1');
    return answerOf(receipt);
  } catch (error) {
    reportFault(world, error, 'paypal', 'request-1');
    return answerToFault(error);
  }
}

/** Refused or put off, nothing stored, and nothing of what the host said is kept. */
function expectNothing(): void {
  expect(world.rows.size + world.archived.size).toBe(0);
  const errors = world.lines.map(({ fields }) => fields['error']).filter((error) => error instanceof Error);
  const shown = [
    JSON.stringify(world.lines),
    JSON.stringify(world.measurements),
    ...errors.map((error) => `${String(error)} ${String(error.cause)}`),
  ];
  expect(shown.join('\n')).not.toContain(canary);
}

describe('the certificate path', () => {
  it('takes the one that is right', async () => {
    expect(await answered(await host((response) => response.end(pem)))).toMatchObject({ statusCode: 200 });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['a redirect', (response) => response.writeHead(302, { location: `http://127.0.0.1:1/${canary}` }).end(pem)],
    ['HTML', (response) => response.end(`<html>${canary}</html>`)],
    ['HTML around one half of a certificate', (response) => response.end(`<html>${canary}-----BEGIN CERTIFICATE-----</html>`)],
    ['nothing', (response) => response.end()],
    ['more than 32 kB', (response) => response.end(pem.padEnd(32 * 1024 + 1, canary))],
    ['a fault', (response) => response.writeHead(500).end(canary)],
    ['a refusal', (response) => response.writeHead(403).end(canary)],
    ['no word', () => undefined],
    [
      'a head without its body',
      (response) => {
        response.writeHead(200).flushHeaders();
      },
    ],
    ['a body without end, slowly', (response) => (timer = setInterval(() => response.write(canary.slice(0, 1)), 10))],
    ['a body without end, fast', (response) => (timer = setInterval(() => response.write(pem + canary.repeat(100)), 1))],
    ['half of it, and then a broken connection', (response) => response.write(pem.slice(0, 500), () => response.destroy())],
    [
      'fewer bytes than it promised',
      (response) => response.writeHead(200, { 'content-length': '99999' }).write(pem, () => response.destroy()),
    ],
  ])('puts off what gets %s', async (_, answer) => {
    expect(await answered(await host(answer))).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expectNothing();
    expect(world.line('webhook unavailable')).toMatchObject({ reason: 'certificate_unreachable' });
  });

  it.each<[string, () => Promise<string>]>([
    [
      'resets the connection',
      () =>
        listening(
          createTcpServer((socket) => void socket.resetAndDestroy()),
          'https',
        ),
    ],
    [
      'speaks no TLS',
      () =>
        listening(
          createTcpServer((socket) => socket.end(canary, () => socket.destroy())),
          'https',
        ),
    ],
    [
      'has a certificate of its own making',
      () => {
        const own = makeCertificate({ commonName: '127.0.0.1' });
        const key = own.privateKey.export({ type: 'pkcs8', format: 'pem' });
        return listening(
          createTlsServer({ key, cert: own.pem }, (_, response) => response.end(pem)),
          'https',
        );
      },
    ],
  ])('puts off what meets a host that %s', async (_, started) => {
    expect(await answered(await started())).toMatchObject({ statusCode: 503 });
    expectNothing();
  });

  const issued = (options: Partial<CertificateOptions>) =>
    makeCertificate({ commonName: sandboxCommonName, issuer: intermediate, ...options }).pem + intermediate.pem;
  it.each<[string, string | number]>([
    ['is not there', 404],
    ['is gone', 410],
    ['is text with the right first and last line', `-----BEGIN CERTIFICATE-----\n${canary}\n-----END CERTIFICATE-----`],
    ['has expired', issued({ notAfter: new Date('2026-11-05T09:59:59Z') })],
    ['is not valid yet', issued({ notBefore: new Date('2026-11-05T10:00:01Z') })],
    ['has another name', issued({ commonName: 'messageverificationcerts.paypal.com.evil.example' })],
    ['has a name that begins like it', issued({ commonName: `${sandboxCommonName}.evil.example` })],
    ['has two names', issued({ secondCommonName: 'evil.example' })],
    ['has a short key', issued({ keys: rsaKeys(1024) })],
    ['comes after another', root.pem + pem],
  ])('refuses a certificate that %s', async (_, served) => {
    const origin = await host((response) => (typeof served === 'number' ? response.writeHead(served).end(canary) : response.end(served)));
    expect(await answered(origin)).toEqual({ statusCode: 401, body: { error: 'Invalid signature' } });
    expectNothing();
    expect(world.line('webhook rejected')).toMatchObject({ reason: 'certificate_rejected' });
  });

  const other = makeCertificate({ commonName: 'Development Root', authority: true });
  it.each([
    ['has a root of the same name that is another', makeCertificate({ commonName: sandboxCommonName, issuer: other }).pem + other.pem],
    ['signed itself', makeCertificate({ commonName: sandboxCommonName }).pem],
    ['lacks its issuer', leaf.pem],
  ])('puts off what was signed with a certificate of PayPal that %s', async (_, served) => {
    expect(await answered(await host((response) => response.end(served)))).toMatchObject({ statusCode: 503 });
    expectNothing();
    expect(world.line('webhook unavailable')).toMatchObject({ reason: 'issuer_unknown' });
  });

  const address = 'http://cacerts.digicert.com/NewIssuer.crt';
  const naming = makeCertificate({ commonName: sandboxCommonName, issuer: intermediate, issuerUrl: address });
  const der = new X509Certificate(intermediate.pem).raw;
  const altered = Buffer.from(der).fill(der.readUInt8(der.length - 20) ^ 1, der.length - 20, der.length - 19);
  it.each<[string, (response: ServerResponse) => void]>([
    ['a redirect', (response) => response.writeHead(302, { location: `http://127.0.0.1:1/${canary}` }).end(der)],
    ['HTML', (response) => response.end(`<html>${canary}</html>`)],
    ['nothing', (response) => response.end()],
    ['more than 8 kB', (response) => response.end(intermediate.pem.padEnd(8193, ' '))],
    ['a fault', (response) => response.writeHead(500).end(canary)],
    ['that there is none', (response) => response.writeHead(404).end(canary)],
    ['no word', () => undefined],
    ['the half of it', (response) => response.end(der.subarray(0, der.length / 2))],
    ['an issuer whose signature is another', (response) => response.end(altered)],
    ['the leaf', (response) => response.end(naming.pem)],
    ['the root', (response) => response.end(root.pem)],
    ['another root of that name', (response) => response.end(other.pem)],
  ])('puts off what asks for its issuer and gets %s', async (_, answer) => {
    const origin = await hostByPath((path, response) => {
      if (path === '/NewIssuer.crt') answer(response);
      else response.end(naming.pem);
    });
    expect(await answered(origin)).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expectNothing();
    expect(world.line('webhook unavailable')).toMatchObject({ reason: 'issuer_unknown' });
  });

  it('takes the issuer that is right', async () => {
    const origin = await hostByPath((path, response) => response.end(path === '/NewIssuer.crt' ? der : naming.pem));
    expect(await answered(origin)).toMatchObject({ statusCode: 200 });
  });

  const path = '/v1/notifications/certs/CERT-1';
  it.each([
    `https://api.sandbox.paypal.com.evil.example${path}`,
    `https://api.sandbox.paypal.com@evil.example${path}`,
    `https://evil.example/api.sandbox.paypal.com${path}`,
    `https://api-sandbox.paypal.com${path}`,
    `https://api.sandbox.paypa1.com${path}`,
    `https://api.sandbox.p\u0430ypal.com${path}`,
    `https://API.SANDBOX.PAYPAL.COM${path}`,
    `https://api.sandbox.paypal.com:8443${path}`,
    `https://api.paypal.com${path}`,
    `http://api.sandbox.paypal.com${path}`,
    `https://api.sandbox.paypal.com/v1/notifications/certs/../../../CERT-1`,
    `https://api.sandbox.paypal.com${path}?next=https://evil.example`,
    `https://api.sandbox.paypal.com${path}#x`,
    `https://api.sandbox.paypal.com${path}%2f..`,
    `https://api.sandbox.paypal.com${path}\\@evil.example`,
    ` https://api.sandbox.paypal.com${path}`,
    `https://api.sandbox.paypal.com${path}\n`,
    `file:///etc/ssl${path}`,
    'http://169.254.169.254/latest/meta-data/iam',
    `https://api.sandbox.paypal.com${path}${'1'.repeat(500)}`,
  ])('asks nobody for %s', async (certificateUrl) => {
    let requests = 0;
    const origin = await host((response) => {
      requests += 1;
      response.end(pem);
    });
    expect(await answered(origin, { certificateUrl })).toEqual({ statusCode: 401, body: { error: 'Invalid signature' } });
    expect(requests).toBe(0);
    expectNothing();
  });
});
