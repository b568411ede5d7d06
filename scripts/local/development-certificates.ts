import { createSign, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** A root that nobody else trusts and a certificate of it, with which the local run plays PayPal. Made anew for every run. */
export interface DevelopmentCertificates {
  readonly rootPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const day = 86_400_000;

/** `commonName` is what the verifier expects in PayPal's certificate. */
export async function developmentCertificates(commonName: string): Promise<DevelopmentCertificates> {
  const [root, leaf] = await Promise.all([rsaKeys(), rsaKeys()]);
  const rootName = 'payment-webhooks development only';
  return {
    rootPem: certificatePem({
      subject: rootName,
      issuer: rootName,
      publicKey: root.publicKey,
      signingKey: root.privateKey,
      authority: true,
    }),
    certificatePem: certificatePem({
      subject: commonName,
      issuer: rootName,
      publicKey: leaf.publicKey,
      signingKey: root.privateKey,
      authority: false,
    }),
    privateKeyPem: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function rsaKeys(): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
}

interface CertificateContent {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly authority: boolean;
}

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  text: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x17,
};
const oids = { sha256WithRsa: '2a864886f70d01010b', commonName: '550403', basicConstraints: '551d13', keyUsage: '551d0f' };

/** X.509 version 3 in DER: https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function certificatePem(content: CertificateContent): string {
  const algorithm = der(tags.sequence, oid(oids.sha256WithRsa), der(tags.nothing));
  const now = Date.now();
  const toSign = der(
    tags.sequence,
    der(0xa0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name(content.issuer),
    der(tags.sequence, time(now - day), time(now + 30 * day)),
    name(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions(content.authority)),
  );
  const signature = createSign('RSA-SHA256').update(toSign).sign(content.signingKey);
  const certificate = der(tags.sequence, toSign, algorithm, der(tags.bits, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions(authority: boolean): Buffer {
  const yes = der(tags.boolean, Buffer.from([0xff]));
  const constraints = der(tags.sequence, ...(authority ? [yes] : []));
  // Bits from the left: 0 signs data, 5 signs certificates.
  const usage = der(tags.bits, Buffer.from(authority ? [2, 0x04] : [7, 0x80]));
  return der(
    tags.sequence,
    der(tags.sequence, oid(oids.basicConstraints), yes, der(tags.octets, constraints)),
    der(tags.sequence, oid(oids.keyUsage), yes, der(tags.octets, usage)),
  );
}

function name(commonName: string): Buffer {
  const attribute = der(tags.sequence, oid(oids.commonName), der(tags.text, Buffer.from(commonName)));
  return der(tags.sequence, der(tags.set, attribute));
}

function oid(hex: string): Buffer {
  return der(tags.oid, Buffer.from(hex, 'hex'));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(tags.time, Buffer.from(digits.slice(2)));
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(bytes: number): Buffer {
  if (bytes < 128) return Buffer.from([bytes]);
  return bytes < 256 ? Buffer.from([0x81, bytes]) : Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}
