import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A time in which something is valid, in milliseconds since the epoch and inclusive. */
interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A leaf that has the right name and a strong key; whether it may be trusted, its chains say. */
interface SigningCertificate {
  readonly publicKey: KeyObject;
  /** The leaf's own. */
  readonly validity: Validity;
  /** When every certificate of a chain is valid, the leaf included: one entry per chain to a trusted root. */
  readonly chains: readonly Validity[];
  /** The issuer's name on one line, cut to 200 characters. */
  readonly issuer: string;
  readonly issuerUrl: string | undefined;
}

/** Reads a PEM: the leaf, then any of its issuers. Undefined unless the leaf has PayPal's name and a strong RSA key. Never throws. */
export type CertificateReader = (pem: string) => SigningCertificate | undefined;

interface Authority {
  readonly certificate: X509Certificate;
  readonly root: boolean;
}

const maxPemLength = 64 * 1024;
/** PayPal's chain, and an issuer that was fetched for it. */
const maxCertificates = 8;
const maxChainLength = 4;
const minModulusBits = 2048;
const maxRemembered = 8;
const maxNameLength = 200;

/** Where DigiCert publishes its issuers. Leaves say http; the host serves https too, and nothing else is asked. */
const issuerAddress = /^CA Issuers - URI:https?:\/\/cacerts\.digicert\.com\/([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/m;

/** A reader that remembers the last few certificates, since parsing and the chain cost far more than the signature itself. */
export function createCertificateReader(commonName: string, roots: readonly string[], intermediates: readonly string[]): CertificateReader {
  const trusted = authoritiesOf(roots, intermediates);
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

/** Whether a PEM is one certificate that may sign others and chains to one of the roots, at whatever time. Never throws. */
export function isIssuer(pem: string, roots: readonly string[], intermediates: readonly string[]): boolean {
  try {
    const [certificate, ...others] = parsePem(pem);
    return certificate?.ca === true && others.length === 0 && chainsOf(certificate, authoritiesOf(roots, intermediates)).length > 0;
  } catch {
    return false;
  }
}

/** Whether `now` is within it. */
export function isValidAt({ notBefore, notAfter }: Validity, now: number): boolean {
  return now >= notBefore && now <= notAfter;
}

/** Where a certificate says that its issuer's is, as HTTPS; undefined unless that is one file at the top of DigiCert's host. */
export function issuerUrlOf({ infoAccess }: X509Certificate): string | undefined {
  const file = issuerAddress.exec(infoAccess ?? '')?.[1];
  return file === undefined ? undefined : `https://cacerts.digicert.com/${file}`;
}

function authoritiesOf(roots: readonly string[], intermediates: readonly string[]): readonly Authority[] {
  return [
    ...roots.map((pem) => ({ certificate: new X509Certificate(pem), root: true })),
    ...intermediates.map((pem) => ({ certificate: new X509Certificate(pem), root: false })),
  ];
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
  return {
    publicKey: leaf.publicKey,
    validity: validityOf([leaf]),
    chains: chainsOf(leaf, [...trusted, ...carried]).map(validityOf),
    issuer: leaf.issuer.replaceAll('\n', ', ').slice(0, maxNameLength),
    issuerUrl: issuerUrlOf(leaf),
  };
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

/** `ca` and checkIssued are OpenSSL's X509_check_ca and X509_check_issued: both refuse a key usage without the right to sign certificates. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
