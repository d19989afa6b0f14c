import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SecretList } from './secrets.ts';

/** Encrypts and authenticates small texts for ourselves. What was sealed for one context can't be opened in another. */
export interface Sealer {
  /** Base64url, fit for a cookie or a URL. */
  seal(plain: string, context: string): string;
  /** Undefined for anything that was not sealed by this key for this context, whatever its shape. */
  open(sealed: string, context: string): string | undefined;
  sealBytes(plain: string, context: string): Uint8Array;
  openBytes(sealed: Uint8Array, context: string): string | undefined;
}

const version = 1;
const nonceLength = 12;
const tagLength = 16;

/**
 * A sealer with keys of its own, made from the secrets by HKDF (RFC 5869): two purposes never share a key. The first seals, all
 * of them open. AES-256-GCM, versioned.
 */
export function createSealer(secrets: SecretList, purpose: string): Sealer {
  const [newest, ...older] = secrets;
  const keyOf = (secret: Buffer): Buffer => Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `postern ${purpose} v${version}`, 32));
  const key = keyOf(newest);
  const keys = [key, ...older.map(keyOf)];

  function sealBytes(plain: string, context: string): Buffer {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(Buffer.from(context));
    const encrypted = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(version), nonce, encrypted, cipher.getAuthTag()]);
  }

  function openBytes(sealed: Uint8Array, context: string): string | undefined {
    if (sealed.length < 1 + nonceLength + tagLength || sealed[0] !== version) return undefined;
    for (const each of keys) {
      const plain = openWith(each, sealed, context);
      if (plain !== undefined) return plain;
    }
    return undefined;
  }

  return {
    seal: (plain, context) => sealBytes(plain, context).toString('base64url'),
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Node's decoder skips what it does not know, so many texts would stand for one value: only the canonical one does.
      return bytes.toString('base64url') === sealed ? openBytes(bytes, context) : undefined;
    },
    sealBytes,
    openBytes,
  };
}

function openWith(key: Buffer, sealed: Uint8Array, context: string): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceLength), { authTagLength: tagLength })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-tagLength));
  try {
    return decipher.update(sealed.subarray(1 + nonceLength, -tagLength), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    // The tag does not fit: altered, of another key, or of another context. Which of them is nobody's business.
    return undefined;
  }
}
