import { decodeBase64 } from './base64.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { Reading } from './reading.ts';
import { Secret } from './secret.ts';
import { filePath, tellBoth } from './written-text.ts';

/** A secret that can be rotated: one text or several, or the name of a file with one on each line. */
export interface WrittenSecrets {
  /** Of the key without `_file`. */
  readonly path: SettingPath;
  readonly inline: string | readonly string[] | undefined;
  readonly file: string | undefined;
}

const secretBytes = 32;

/** Secrets of 32 bytes in base64, the newest first; empty when the key was left out. White space around one is an error, except in a file. */
export function readSecrets(reading: Reading, written: WrittenSecrets): readonly Secret<Buffer>[] {
  const found = readEach(reading, written);
  const seen = new Set<string>();
  return found.flatMap(({ text, path, name }) => {
    const bytes = readSecret(reading, { text, path, name });
    if (bytes === undefined) return [];
    const key = bytes.toString('hex');
    // It would do nothing, and whoever wrote it believes in a rotation that did not take place.
    if (seen.has(key)) reading.error(path, `${name} stands in the list twice: keep one of them`);
    seen.add(key);
    return [new Secret(bytes)];
  });
}

interface OneText {
  readonly text: string;
  readonly path: SettingPath;
  /** How a problem calls it; its text is never told. */
  readonly name: string;
}

function readEach(reading: Reading, { path, inline, file }: WrittenSecrets): readonly OneText[] {
  if (inline !== undefined && file !== undefined) {
    tellBoth(reading, path);
    return [];
  }
  if (typeof inline === 'string') return [{ text: inline, path, name: writePath(path) }];
  if (inline !== undefined) {
    const each = inline.map((text, index) => ({ text, path: [...path, index], name: writePath([...path, index]) }));
    if (each.length === 0) reading.error(path, `${writePath(path)} is an empty list: write a secret, or leave the key out`);
    return each;
  }
  return file === undefined ? [] : readLines(reading, filePath(path), file);
}

function readLines(reading: Reading, path: SettingPath, file: string): readonly OneText[] {
  const text = reading.readNamedFile(path, file);
  if (text === undefined) return [];
  const lines = text.split('\n').map((line, index) => ({ text: line.trim(), line: index + 1 }));
  const written = lines.filter((line) => line.text !== '');
  if (written.length === 0) reading.error(path, `${writePath(path)} is empty: write a secret into the file, or leave the key out`);
  const name = (line: number): string => (written.length === 1 ? writePath(path) : `${writePath(path)}, line ${line},`);
  return written.map((each) => ({ text: each.text, path, name: name(each.line) }));
}

function readSecret(reading: Reading, { text, path, name }: OneText): Buffer | undefined {
  if (text !== text.trim()) {
    reading.error(path, `${name} has white space around it, remove it`);
    return undefined;
  }
  const bytes = decodeBase64(text);
  if (bytes?.length === secretBytes) return bytes;
  const fault = bytes === undefined ? 'it is not base64' : `it has ${bytes.length}`;
  reading.error(path, `${name} must be base64 of exactly 32 bytes, but ${fault}: make one with "openssl rand -base64 32"`);
  return undefined;
}
