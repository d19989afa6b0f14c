import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(globalThis.crypto);

export interface TestAuthority {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificatePem: string;
}

export interface TestCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };
const clientAuth = '1.3.6.1.5.5.7.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';

/** A CA: of its own, or below another one. */
export async function makeAuthority(name: string, issuer?: TestAuthority): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return { name, keys, certificatePem: certificate.toString('pem') };
}

/** A leaf for client authentication. */
export function makeClient(name: string, issuer: TestAuthority): Promise<TestCertificate> {
  return makeLeaf(name, issuer, [new ExtendedKeyUsageExtension([clientAuth])]);
}

/** A leaf for these DNS names and addresses. */
export function makeServer(names: readonly string[], issuer: TestAuthority): Promise<TestCertificate> {
  const alternatives = new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })));
  return makeLeaf(names[0] ?? 'server', issuer, [alternatives, new ExtendedKeyUsageExtension([serverAuth])]);
}

async function makeLeaf(
  name: string,
  issuer: TestAuthority,
  extensions: (SubjectAlternativeNameExtension | ExtendedKeyUsageExtension)[],
): Promise<TestCertificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${name}`,
    issuer: `CN=${issuer.name}`,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions,
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificatePem: certificate.toString('pem'), keyPem: PemConverter.encode(key, 'PRIVATE KEY') };
}

function serial(): string {
  return `01${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')}`;
}
