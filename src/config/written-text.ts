import { decodeBase64 } from './base64.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';
import type { NamedText } from './settings.ts';
import { decodeUtf8 } from './utf8-text.ts';

/** A text that can be written in the configuration (`X`) or stand in a file named there (`X_file`). */
export interface WrittenText {
  /** Of the key without `_file`. */
  readonly path: SettingPath;
  readonly inline: string | undefined;
  readonly file: string | undefined;
}

/** Certificates and keys: PEM as it is, base64 of PEM, or the PEM of a file. Whether it holds what it should is not looked at here. */
export function readPem(reading: Reading, written: WrittenText): NamedText | undefined {
  const found = readWritten(reading, written);
  if (found === undefined) return undefined;
  const { label, path } = found;
  if (found.fromFile || found.text.includes('-----BEGIN')) return { text: found.text, label, path };
  const decoded = decodeBase64(found.text.replace(/\s/g, ''));
  const text = decoded === undefined ? undefined : decodeUtf8(decoded);
  if (text === undefined) reading.error(path, `${writePath(path)} must be PEM text, or PEM text in base64`);
  return text === undefined ? undefined : { text, label, path };
}

/** A password: as it stands, from a file without the white space around it. Empty is an error. */
export function readPassword(reading: Reading, written: WrittenText): string | undefined {
  const found = readWritten(reading, written);
  if (found === undefined) return undefined;
  const text = found.fromFile ? found.text.trim() : found.text;
  if (text === '') reading.error(found.path, `${writePath(found.path)} is empty: write it, or leave the key out`);
  return text === '' ? undefined : text;
}

/** The path of the `_file` spelling of a key. */
export function filePath(path: SettingPath): SettingPath {
  return [...path.slice(0, -1), `${String(path.at(-1))}_file`];
}

interface FoundText extends NamedText {
  readonly fromFile: boolean;
}

function readWritten(reading: Reading, { path, inline, file }: WrittenText): FoundText | undefined {
  if (inline !== undefined && file !== undefined) {
    tellBoth(reading, path);
    return undefined;
  }
  if (inline !== undefined) return { text: inline, label: writePath(path), path, fromFile: false };
  if (file === undefined) return undefined;
  const text = reading.readNamedFile(filePath(path), file);
  return text === undefined ? undefined : { text, label: file, path: filePath(path), fromFile: true };
}

/** A key and its `_file` spelling are both there, and which of them is meant nobody knows. */
export function tellBoth(reading: Reading, path: SettingPath): void {
  reading.error(filePath(path), `${writePath(path)} and ${writePath(filePath(path))} are both set: keep one of them`, {
    code: 'conflicting-keys',
  });
}
