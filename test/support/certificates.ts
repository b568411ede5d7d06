import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A certificate that was made here, and the key to sign with. */
export interface TestCertificate {
  readonly pem: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Another common name in the same subject. */
  readonly secondCommonName?: string;
  /** Self-signed where it is absent. */
  readonly issuer?: TestCertificate;
  readonly authority?: boolean;
  /** What its key may do, an extension that is left out where it is absent. */
  readonly keyUsage?: 'sign certificates' | 'sign data';
  /** Where it says that its issuer's certificate is. */
  readonly issuerUrl?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

const oids = {
  sha256WithRsa: '2a864886f70d01010b',
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  authorityInformation: '2b06010505070101',
  ocsp: '2b06010505073001',
  issuers: '2b06010505073002',
};
let serial = 0;

let keysMade = 0;

/** An RSA key pair, another one at each call. All files of one jest get the same ones: each takes up to half a second to make. */
export function rsaKeys(modulusLength = 2048): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const folder = process.env['PREPARED_RUN_FOLDER'];
  if (folder === undefined) return generateKeyPairSync('rsa', { modulusLength });
  keysMade += 1;
  const file = path.join(folder, `rsa-${modulusLength}-${keysMade}.pem`);
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    renameSync(draft, file);
  }
  const privateKey = createPrivateKey(readFileSync(file));
  return { publicKey: createPublicKey(privateKey), privateKey };
}

let leafKeys: ReturnType<typeof rsaKeys> | undefined;

/** What a certificate says is tested, not how many keys there are. */
function commonLeafKeys(): ReturnType<typeof rsaKeys> {
  leafKeys ??= rsaKeys();
  return leafKeys;
}

/** An X.509 v3 certificate signed with SHA-256 and RSA, valid from 2010 to 2049 where nothing else is said. */
export function makeCertificate(options: CertificateOptions): TestCertificate {
  const keys = options.keys ?? (options.authority === true ? rsaKeys() : commonLeafKeys());
  const issuerKey = options.issuer?.privateKey ?? keys.privateKey;
  const algorithm = sequence(tlv(0x06, hex(oids.sha256WithRsa)), tlv(0x05));
  serial += 1;
  const subject = nameOf(options.commonName, ...(options.secondCommonName === undefined ? [] : [options.secondCommonName]));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([serial])),
    algorithm,
    nameOf(options.issuer?.name ?? options.commonName),
    sequence(timeOf(options.notBefore ?? new Date('2010-01-01')), timeOf(options.notAfter ?? new Date('2049-01-01'))),
    subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensionsOf(options))),
  );
  const der = sequence(body, algorithm, tlv(0x03, Buffer.from([0]), sign('sha256', body, issuerKey)));
  return { pem: pemOf(der), name: options.commonName, privateKey: keys.privateKey };
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.2 */
function extensionsOf({ authority = false, keyUsage, issuerUrl }: CertificateOptions): Buffer[] {
  const yes = tlv(0x01, Buffer.from([0xff]));
  const critical = (oid: string, value: Buffer) => sequence(tlv(0x06, hex(oid)), yes, tlv(0x04, value));
  const constraints = critical(oids.basicConstraints, authority ? sequence(yes) : sequence());
  const usages = { 'sign certificates': [2, 0x04], 'sign data': [7, 0x80] };
  const usage = keyUsage === undefined ? [] : [critical(oids.keyUsage, tlv(0x03, Buffer.from(usages[keyUsage])))];
  return [constraints, ...usage, ...(issuerUrl === undefined ? [] : [authorityInformation(issuerUrl)])];
}

/** As in PayPal's leaf: first where to ask whether it was revoked, then where the issuer is. */
function authorityInformation(issuerUrl: string): Buffer {
  const access = (method: string, url: string) => sequence(tlv(0x06, hex(method)), tlv(0x86, Buffer.from(url)));
  const value = sequence(access(oids.ocsp, 'http://ocsp.digicert.com'), access(oids.issuers, issuerUrl));
  return sequence(tlv(0x06, hex(oids.authorityInformation)), tlv(0x04, value));
}

function nameOf(...commonNames: readonly string[]): Buffer {
  return sequence(...commonNames.map((name) => tlv(0x31, sequence(tlv(0x06, hex(oids.commonName)), tlv(0x0c, Buffer.from(name, 'utf8'))))));
}

function timeOf(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tlv(0x17, Buffer.from(`${text}Z`, 'ascii'));
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tlv(0x30, ...contents);
}

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
