import { decodeBase64 } from './base64.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';
import type { NamedText } from './settings.ts';
import { decodeUtf8 } from './utf8-text.ts';
import type { WrittenText } from './written-text.ts';
import { filePath, tellBoth } from './written-text.ts';

/** A list of a million entries has some forty MiB. In bytes. */
const longestList = 256 * 2 ** 20;

/**
 * Revocation lists: PEM as it is, or PEM or DER in base64, or a file with either. Authorities publish DER (RFC 5280 section 4.2.1.13), which
 * comes out as a PEM block like the others. Whether it is a list is not looked at here.
 */
export function readRevocationLists(reading: Reading, { path, inline, file }: WrittenText): NamedText | undefined {
  if (inline !== undefined && file !== undefined) {
    tellBoth(reading, path);
    return undefined;
  }
  if (inline !== undefined) return readInline(reading, { path, inline });
  if (file === undefined) return undefined;
  const place = filePath(path);
  const bytes = reading.readNamedBytes(place, file, longestList);
  const text = bytes === undefined ? undefined : textOf(bytes);
  if (bytes !== undefined && text === undefined) {
    const message = `Cannot use the file of ${writePath(place)}: it is neither PEM text nor one revocation list in DER`;
    reading.error(place, message, { code: 'unreadable-file' });
  }
  return text === undefined ? undefined : { text, label: file, path: place };
}

function readInline(reading: Reading, { path, inline }: Pick<WrittenText, 'path'> & { readonly inline: string }): NamedText | undefined {
  const bytes = inline.includes('-----BEGIN') ? Buffer.from(inline) : decodeBase64(inline.replace(/\s/g, ''));
  const text = bytes === undefined ? undefined : textOf(bytes);
  if (text === undefined) reading.error(path, `${writePath(path)} must be PEM text, or PEM text or DER in base64`);
  return text === undefined ? undefined : { text, label: writePath(path), path };
}

function textOf(bytes: Buffer): string | undefined {
  return isOneSequence(bytes) ? armoured(bytes) : decodeUtf8(bytes);
}

/** Whether the bytes are one SEQUENCE of definite length and nothing behind it, as DER begins every list (X.690 section 8.1). */
function isOneSequence(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false;
  const first = bytes[1] ?? 0;
  if (first < 0x80) return bytes.length === 2 + first;
  const lengthBytes = first - 0x80;
  if (lengthBytes === 0 || lengthBytes > 4 || bytes.length < 2 + lengthBytes) return false;
  return bytes.length === 2 + lengthBytes + bytes.readUIntBE(2, lengthBytes);
}

function armoured(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN X509 CRL-----\n${lines}\n-----END X509 CRL-----\n`;
}
