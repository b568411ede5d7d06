import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { pinnedIntermediates, pinnedRoots } from './pinned-certificates';

/** A time in which every certificate of one chain is valid, in milliseconds since the epoch and inclusive. */
interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A leaf's key, and when it may be used: one entry per chain to a trusted root. */
interface SigningCertificate {
  readonly publicKey: KeyObject;
  readonly validities: readonly Validity[];
}

/** Reads a PEM; undefined unless its leaf has PayPal's name, a strong RSA key and a chain to a trusted root. Never throws. */
export type CertificateReader = (pem: string) => SigningCertificate | undefined;

interface Authority {
  readonly certificate: X509Certificate;
  readonly root: boolean;
}

const maxPemLength = 64 * 1024;
const maxCertificates = 5;
const maxChainLength = 4;
const minModulusBits = 2048;
const maxRemembered = 8;

/** A reader that remembers the last few certificates, since parsing and the chain cost far more than the signature itself. */
export function createCertificateReader(commonName: string, extraRoots: readonly string[] = []): CertificateReader {
  const trusted: readonly Authority[] = [
    ...[...pinnedRoots, ...extraRoots].map((pem) => ({ certificate: new X509Certificate(pem), root: true })),
    ...pinnedIntermediates.map((pem) => ({ certificate: new X509Certificate(pem), root: false })),
  ];
  const remembered = new Map<string, SigningCertificate | undefined>();
  return (pem) => {
    if (remembered.has(pem)) return remembered.get(pem);
    const read = readOrUndefined(pem, commonName, trusted);
    const [oldest] = remembered.keys();
    if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
    remembered.set(pem, read);
    return read;
  };
}

/** OpenSSL looks at a key or a name only when it is asked for it, so that reading throws late too. */
function readOrUndefined(pem: string, commonName: string, trusted: readonly Authority[]): SigningCertificate | undefined {
  try {
    return readCertificate(pem, commonName, trusted);
  } catch {
    return undefined;
  }
}

function readCertificate(pem: string, commonName: string, trusted: readonly Authority[]): SigningCertificate | undefined {
  const [leaf, ...others] = parsePem(pem);
  if (leaf === undefined || leaf.ca || !isNamed(leaf, commonName) || !hasStrongRsaKey(leaf)) return undefined;
  const carried = others.map((certificate) => ({ certificate, root: false }));
  const chains = chainsOf(leaf, [...trusted, ...carried]);
  return chains.length === 0 ? undefined : { publicKey: leaf.publicKey, validities: chains.map(validityOf) };
}

function validityOf(chain: readonly X509Certificate[]): Validity {
  return {
    notBefore: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
    notAfter: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
  };
}

function parsePem(pem: string): X509Certificate[] {
  if (pem.length > maxPemLength) return [];
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.slice(0, maxCertificates).map((block) => new X509Certificate(block));
}

function isNamed(leaf: X509Certificate, commonName: string): boolean {
  const names = leaf.subject.split('\n').filter((line) => line.startsWith('CN='));
  return names.length === 1 && names[0] === `CN=${commonName}`;
}

function hasStrongRsaKey({ publicKey }: X509Certificate): boolean {
  return publicKey.asymmetricKeyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= minModulusBits;
}

/** Every way from this certificate up to a trusted root: an issuer may exist twice while it is being replaced. */
function chainsOf(certificate: X509Certificate, authorities: readonly Authority[], length = 1): X509Certificate[][] {
  if (length >= maxChainLength) return [];
  const issuers = authorities.filter((one) => isIssuedBy(certificate, one.certificate));
  return issuers.flatMap((issuer) => {
    const above = issuer.root ? [[issuer.certificate]] : chainsOf(issuer.certificate, authorities, length + 1);
    return above.map((chain) => [certificate, ...chain]);
  });
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
