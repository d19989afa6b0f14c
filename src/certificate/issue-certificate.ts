import 'reflect-metadata';
import type { KeyObject, webcrypto } from 'node:crypto';
import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPair as generateKeyPairOf, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import * as x509 from '@peculiar/x509';

export interface Issued {
  readonly certificatePem: string;
  /** PKCS #8, not encrypted. */
  readonly keyPem: string;
  readonly certificate: X509Certificate;
}

export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'RSA-1024' | 'RSA-2048' | 'RSA-3072';

export interface IssueOptions {
  readonly commonName: string;
  readonly organization?: string;
  /** Types (`CN`, `O`, `OU`, `E` or a dotted OID) and values in certificate order; replaces `commonName` and `organization`. */
  readonly subject?: readonly (readonly [type: string, value: string])[];
  readonly from: Date;
  readonly to: Date;
  readonly emails?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** User principal names, by which Windows knows people. */
  readonly principalNames?: readonly string[];
  /** Hex, an even number of digits; random where there is none. */
  readonly serial?: string;
  /** Dotted OIDs; an empty list leaves the extension out. */
  readonly extendedKeyUsage?: readonly string[];
  /** An empty list leaves the extension out. */
  readonly keyUsage?: readonly KeyUsage[];
  readonly isCa?: boolean;
  readonly pathLength?: number;
  readonly keyKind?: KeyKind;
  /** An existing key to certify instead of a new one; PEM. */
  readonly keyPem?: string;
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';
  /** Added as they are, so that a test can make what no authority should. */
  readonly extensions?: readonly RawExtension[];
}

export type KeyUsage = 'digitalSignature' | 'keyEncipherment' | 'keyAgreement' | 'keyCertSign' | 'cRLSign';

export interface RawExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly der: Uint8Array;
}

export const clientAuthOid: string = '1.3.6.1.5.5.7.3.2';
export const serverAuthOid: string = '1.3.6.1.5.5.7.3.1';

/** A self-signed authority: CA flag and the right to sign certificates and CRLs, unless the options say otherwise. */
export function issueAuthority(options: IssueOptions): Promise<Issued> {
  return issue(undefined, { isCa: true, keyUsage: ['keyCertSign', 'cRLSign'], ...options });
}

/** An authority signed by another. */
export function issueIntermediate(ca: Issued, options: IssueOptions): Promise<Issued> {
  return issue(ca, { isCa: true, keyUsage: ['keyCertSign', 'cRLSign'], ...options });
}

/** A certificate for a server: give its names as `dnsNames` or `ipAddresses`, since browsers don't look at the common name. */
export function issueServerCertificate(ca: Issued, options: IssueOptions): Promise<Issued> {
  return issue(ca, { isCa: false, keyUsage: ['digitalSignature'], extendedKeyUsage: [serverAuthOid], ...options });
}

/** A certificate for a person or a machine that presents itself to a server. */
export function issueClientCertificate(ca: Issued, options: IssueOptions): Promise<Issued> {
  return issue(ca, { isCa: false, keyUsage: ['digitalSignature'], extendedKeyUsage: [clientAuthOid], ...options });
}

async function issue(ca: Issued | undefined, options: IssueOptions): Promise<Issued> {
  const hash = options.hash ?? 'SHA-256';
  const keyPem = options.keyPem ?? (await generateKeyPem(options.keyKind ?? 'P-256'));
  const subject = new x509.Name(subjectAttributes(options));
  const publicKey = createPublicKey(keyPem);
  const signingKey = createPrivateKey(ca?.keyPem ?? keyPem);
  const issuer = ca === undefined ? undefined : new x509.X509Certificate(ca.certificatePem);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: options.serial ?? randomSerial(),
    subject,
    // The very bytes of the issuer's name: a re-encoded one may differ, and names are compared.
    issuer: issuer?.subjectName ?? subject,
    notBefore: options.from,
    notAfter: options.to,
    signingAlgorithm: { name: 'ECDSA', hash },
    signingKey: signingKey.toCryptoKey(importAlgorithm(signingKey, hash), false, ['sign']),
    publicKey: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })),
    extensions: await extensionsFor(options, publicKey, issuer),
  });
  const certificatePem = `${certificate.toString('pem')}\n`;
  return { certificatePem, keyPem, certificate: new X509Certificate(certificatePem) };
}

function subjectAttributes(options: IssueOptions): x509.JsonNameParams {
  const attributes = options.subject ?? [
    ...(options.organization === undefined ? [] : [['O', options.organization] as const]),
    ['CN', options.commonName] as const,
  ];
  // Typed values: as a plain string, one that begins with `#` would be read as hex.
  return attributes.map(([type, value]) => ({ [type]: [type === 'E' ? { ia5String: value } : { utf8String: value }] }));
}

async function extensionsFor(
  options: IssueOptions,
  publicKey: KeyObject,
  issuer: x509.X509Certificate | undefined,
): Promise<x509.Extension[]> {
  const { isCa = false, pathLength, keyUsage = [], extendedKeyUsage = [], extensions = [] } = options;
  const names = alternativeNames(options);
  const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  return [
    new x509.BasicConstraintsExtension(isCa, pathLength, true),
    ...(keyUsage.length === 0 ? [] : [new x509.KeyUsagesExtension(keyUsageFlags(keyUsage), true)]),
    ...(extendedKeyUsage.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...extendedKeyUsage])]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    await x509.SubjectKeyIdentifierExtension.create(spki),
    await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? spki),
    ...extensions.map(({ oid, critical, der }) => new x509.Extension(oid, critical, Uint8Array.from(der))),
  ];
}

function alternativeNames(options: IssueOptions): x509.JsonGeneralName[] {
  const { emails = [], dnsNames = [], uris = [], ipAddresses = [], principalNames = [] } = options;
  return [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
    ...emails.map((value) => ({ type: 'email' as const, value })),
    ...uris.map((value) => ({ type: 'url' as const, value })),
    ...principalNames.map((value) => ({ type: 'upn' as const, value })),
  ];
}

function keyUsageFlags(usages: readonly KeyUsage[]): number {
  return usages.reduce((flags, usage) => flags | x509.KeyUsageFlags[usage], 0);
}

/** 16 random bytes with the top bits fixed: positive, never shortened, and far beyond guessing (CA/B Forum BR 7.1 asks for 64 bits). */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function generateKeyPem(kind: KeyKind): Promise<string> {
  const { privateKey } = await generateKeyPair(kind);
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

function generateKeyPair(kind: KeyKind): Promise<{ readonly privateKey: KeyObject }> {
  if (kind === 'Ed25519') return promisify(generateKeyPairOf)('ed25519', {});
  const [family, bits] = kind.split('-');
  if (family === 'RSA') return promisify(generateKeyPairOf)('rsa', { modulusLength: Number(bits) });
  return promisify(generateKeyPairOf)('ec', { namedCurve: kind });
}

/** What WebCrypto has to be told about a key that it could have seen for itself. */
function importAlgorithm(key: KeyObject, hash: string): KeyAlgorithm {
  const kind = key.asymmetricKeyType;
  if (kind === 'ec') return { name: 'ECDSA', namedCurve: webCurves.get(key.asymmetricKeyDetails?.namedCurve ?? '') ?? 'P-256' };
  if (kind === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash };
  if (kind === 'ed25519') return { name: 'Ed25519' };
  throw new Error(`Cannot sign with a key of type "${kind}": expected an EC, RSA or Ed25519 key`);
}

type KeyAlgorithm = webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams | { readonly name: 'Ed25519' };

const webCurves: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);
