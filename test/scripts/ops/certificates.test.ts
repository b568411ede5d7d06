import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { verifyWithCertificates } from '../../../scripts/ops/certificates';
import { makeCertificate } from '../../support/certificates';
import { verifierOf } from '../../support/schemes';
import { paypalChain, sandboxCommonName, signOwnHeader, signPaypal } from '../../support/signers';

const now = Date.UTC(2026, 0, 1);
const { intermediate } = paypalChain();
const leaf = makeCertificate({ commonName: sandboxCommonName, issuer: intermediate, issuerUrl: 'http://cacerts.digicert.com/Issuer.crt' });
const leafUrl = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb';
const issuerUrl = 'https://cacerts.digicert.com/Issuer.crt';
const verifier = verifierOf('paypal', { webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox' });
const signed = (webhookId = 'WEBHOOK_ONE') => signPaypal('{}', now, { webhookId, leaf });

async function verdict(request: ReturnType<typeof signed>, issuer: Buffer, at = now) {
  const asked: (string | number)[] = [];
  const served = new Map([
    [leafUrl, Buffer.from(leaf.pem)],
    [issuerUrl, issuer],
  ]);
  const verification = await verifyWithCertificates(verifier, request, at, (url, maxBytes) => {
    asked.push(url, maxBytes);
    return Promise.resolve(served.get(url) ?? Buffer.alloc(0));
  });
  return { verdict: verification.ok ? 'ok' : verification.reason, asked };
}

describe('verifying with certificates', () => {
  const asked = [leafUrl, 32 * 1024, issuerUrl, 8 * 1024];

  it('fetches the issuer that the certificate names, in DER or PEM', async () => {
    expect(await verdict(signed(), new X509Certificate(intermediate.pem).raw)).toEqual({ verdict: 'ok', asked });
    expect(await verdict(signed(), Buffer.from(intermediate.pem))).toEqual({ verdict: 'ok', asked });
  });

  it('says when the issuer that it got does not serve', async () => {
    expect(await verdict(signed(), Buffer.from(leaf.pem))).toEqual({ verdict: 'issuer_unknown', asked });
  });

  it('says which file is no certificate', async () => {
    await expect(verdict(signed(), Buffer.from('<html>'))).rejects.toThrow(`cannot read ${issuerUrl}: it is not a certificate`);
  });

  it('fetches no issuer for a forgery, and nothing for an old one', async () => {
    expect(await verdict(signed('GUESS'), Buffer.alloc(0))).toEqual({ verdict: 'signature_mismatch', asked: [leafUrl, 32 * 1024] });
    expect(await verdict(signed(), Buffer.alloc(0), now + 5 * 86_400_000)).toEqual({ verdict: 'timestamp_too_old', asked: [] });
  });

  it('fetches nothing where no certificate signs', async () => {
    const generic = verifierOf('generic', { signingSecrets: ['own'] });
    const fail = () => Promise.reject(new Error('fetched'));
    expect(await verifyWithCertificates(generic, signOwnHeader('{}', 'own'), now, fail)).toEqual({ ok: true });
  });
});
