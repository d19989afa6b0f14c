import { X509Certificate, createCipheriv, createHash, createHmac, createPrivateKey, pbkdf2Sync, randomBytes } from 'node:crypto';
import {
  writeBmpString,
  writeExplicit,
  writeInteger,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
  writeSet,
} from './write-der.ts';

export interface Pkcs12Contents {
  readonly certificatePem: string;
  /** PKCS #8 or any other PEM that Node reads, without a passphrase. */
  readonly keyPem: string;
  /** Issuers to travel along, nearest first. */
  readonly chainPems: readonly string[];
  readonly password: string;
  /** What a browser's or keychain's list shows. */
  readonly friendlyName: string;
}

/**
 * A password-protected PKCS #12 file (RFC 7292): PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256, HMAC-SHA-256 over the whole.
 * NSS, OpenSSL 3 and Windows since 10 1709 read it. Keychains of macOS may need to be told the format (docs/client-certificates.md),
 * and older systems know only RC2 and 3DES, which protect nothing and are not written here.
 */
export function writePkcs12(contents: Pkcs12Contents): Buffer {
  const certificate = new X509Certificate(contents.certificatePem);
  // The local key id is what ties the key to its certificate among all that are in the file.
  const attributes = writeSet(
    attribute(oids.localKeyId, writeOctetString(createHash('sha1').update(certificate.raw).digest())),
    attribute(oids.friendlyName, writeBmpString(contents.friendlyName)),
  );
  const certificates = writeSequence(
    certificateBag(certificate, attributes),
    ...contents.chainPems.map((pem) => certificateBag(new X509Certificate(pem), undefined)),
  );
  const keys = writeSequence(keyBag(contents.keyPem, contents.password, attributes));
  const authenticatedSafe = writeSequence(encryptedData(certificates, contents.password), plainData(keys));
  return writeSequence(writeInteger(3), plainData(authenticatedSafe), macData(authenticatedSafe, contents.password));
}

// 10,000 rounds: what a password typed by hand needs is a long password; more rounds make NSS and keychains noticeably slow.
const iterations = 10_000;

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
};

function attribute(oid: string, value: Buffer): Buffer {
  return writeSequence(writeOid(oid), writeSet(value));
}

function certificateBag(certificate: X509Certificate, attributes: Buffer | undefined): Buffer {
  const bag = writeSequence(writeOid(oids.x509Certificate), writeExplicit(0, writeOctetString(certificate.raw)));
  return writeSequence(writeOid(oids.certificateBag), writeExplicit(0, bag), ...(attributes === undefined ? [] : [attributes]));
}

function keyBag(keyPem: string, password: string, attributes: Buffer): Buffer {
  const key = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  const { algorithm, ciphertext } = encrypt(key, password);
  return writeSequence(writeOid(oids.shroudedKeyBag), writeExplicit(0, writeSequence(algorithm, writeOctetString(ciphertext))), attributes);
}

function plainData(value: Buffer): Buffer {
  return writeSequence(writeOid(oids.data), writeExplicit(0, writeOctetString(value)));
}

function encryptedData(value: Buffer, password: string): Buffer {
  const { algorithm, ciphertext } = encrypt(value, password);
  // [0] IMPLICIT OCTET STRING: the tag of the content replaces that of the string.
  const content = Buffer.from(writeOctetString(ciphertext));
  content[0] = 0x80;
  const data = writeSequence(writeInteger(0), writeSequence(writeOid(oids.data), algorithm, content));
  return writeSequence(writeOid(oids.encryptedData), writeExplicit(0, data));
}

function encrypt(plain: Buffer, password: string): { readonly algorithm: Buffer; readonly ciphertext: Buffer } {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = pbkdf2Sync(Buffer.from(password, 'utf8'), salt, iterations, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const derivation = writeSequence(
    writeOid(oids.pbkdf2),
    writeSequence(writeOctetString(salt), writeInteger(iterations), writeSequence(writeOid(oids.hmacSha256), writeNull())),
  );
  const scheme = writeSequence(writeOid(oids.aes256Cbc), writeOctetString(iv));
  return {
    algorithm: writeSequence(writeOid(oids.pbes2), writeSequence(derivation, scheme)),
    ciphertext: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

function macData(value: Buffer, password: string): Buffer {
  // 8 bytes as OpenSSL writes: keychains of macOS were seen to take files with longer salts for a wrong password.
  const salt = randomBytes(8);
  const digest = createHmac('sha256', deriveMacKey(password, salt)).update(value).digest();
  const digestInfo = writeSequence(writeSequence(writeOid(oids.sha256), writeNull()), writeOctetString(digest));
  return writeSequence(digestInfo, writeOctetString(salt), writeInteger(iterations));
}

/** RFC 7292 appendix B.2 for one block of SHA-256: the MAC alone still uses this derivation, over the password as a BMPString with its NUL. */
function deriveMacKey(password: string, salt: Buffer): Buffer {
  const blockBytes = 64;
  const diversifier = Buffer.alloc(blockBytes, 3);
  const secret = Buffer.concat([Buffer.from(password, 'utf16le').swap16(), Buffer.alloc(2)]);
  let key: Buffer = Buffer.concat([diversifier, fillBlocks(salt, blockBytes), fillBlocks(secret, blockBytes)]);
  for (let round = 0; round < iterations; round += 1) key = createHash('sha256').update(key).digest();
  return key;
}

function fillBlocks(bytes: Buffer, blockBytes: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes);
}
