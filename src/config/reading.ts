import { resolve } from 'node:path';
import type { Locate, Problem, SettingPath } from './problem.ts';
import type { ErrorCode } from './problem-codes.ts';
import type { WarningCode } from './warning-texts.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import { longestFile } from './read-ordinary-file.ts';
import { looksLikeSecret } from './secret-keys.ts';
import { decodeUtf8 } from './utf8-text.ts';

/** What the readers of single settings share: where to tell problems, and how to get at the files a setting names. */
export interface Reading {
  /** The code is `invalid-value` unless another one is named. */
  error(path: SettingPath, message: string, options?: { readonly code?: ErrorCode; readonly part?: 'key' | 'value' }): void;
  warning(path: SettingPath, message: string, code: WarningCode): void;
  /** Whether the value of a setting, or one above it, was refused because of its shape: then it is not missing, it is wrong. */
  isRefused(path: SettingPath): boolean;
  /** The absolute name of a file, from the folder of whatever named it. */
  resolveName(path: SettingPath, name: string): string;
  /** The text of the file that a setting names; undefined, and a problem told, when it can't be read. */
  readNamedFile(path: SettingPath, name: string): string | undefined;
  /** Its bytes, of a file of at most so many. */
  readNamedBytes(path: SettingPath, name: string, longest: number): Buffer | undefined;
  /** ` (config.yaml:12)` for a message that speaks of a second place; empty where that has no line. */
  mention(path: SettingPath): string;
}

/** Reads a file whole, or throws as `readFileSync` does; with the code `EFBIG` where it has more bytes than `longest`. */
export type ReadFile = (file: string, longest?: number) => Buffer;

export interface ReadingInput {
  readonly locate: Locate;
  readonly readFile: ReadFile;
  /** The folder that relative file names at this place start from. */
  readonly folderOf: (path: SettingPath) => string;
  readonly refused: readonly SettingPath[];
}

export interface OpenReading {
  readonly reading: Reading;
  readonly problems: readonly Problem[];
  /** Absolute names of the files asked for so far, found or not. */
  readonly files: ReadonlySet<string>;
  /** Those that could be read, with the settings that name them. */
  readonly namedFiles: readonly NamedFile[];
}

export interface NamedFile {
  readonly path: SettingPath;
  /** Absolute. */
  readonly file: string;
}

/** A reading that collects problems and file names while it goes on. */
export function openReading({ locate, readFile, folderOf, refused }: ReadingInput): OpenReading {
  const problems: Problem[] = [];
  const files = new Set<string>();
  const namedFiles: NamedFile[] = [];
  const error: Reading['error'] = (path, message, { code = 'invalid-value', part } = {}) => {
    problems.push({ severity: 'error', code, message, place: locate(path, part) });
  };
  const warning: Reading['warning'] = (path, message, code) => {
    problems.push({ severity: 'warning', code, message, place: locate(path) });
  };
  const resolveName = (path: SettingPath, name: string): string => resolve(folderOf(path), name);
  const readNamed = <Content>(path: SettingPath, name: string, read: (file: string) => FileContent<Content>): Content | undefined => {
    const refusal = refuseName(path, name);
    if (refusal !== undefined) {
      error(path, refusal, { code: 'unreadable-file' });
      return undefined;
    }
    const file = resolveName(path, name);
    files.add(file);
    const found = read(file);
    if (found.ok) {
      namedFiles.push({ path, file });
      return found.content;
    }
    // A secret under the key of a file name must not be quoted as the file that could not be found.
    const quoted = looksLikeSecret(name) ? '' : ` ${quoteValue(name)}`;
    error(path, `Cannot read ${writePath(path)}${quoted}: ${found.reason}`, { code: 'unreadable-file' });
    return undefined;
  };
  const readNamedFile: Reading['readNamedFile'] = (path, name) => {
    return readNamed(path, name, (file) => {
      const read = readText(readFile, file);
      return read.ok ? { ok: true, content: read.text } : read;
    });
  };
  const readNamedBytes: Reading['readNamedBytes'] = (path, name, longest) => {
    return readNamed(path, name, (file) => readBytes(readFile, file, longest));
  };
  const mention: Reading['mention'] = (path) => {
    const place = locate(path);
    return place?.kind === 'file' ? ` (${place.file}:${place.line})` : '';
  };
  const isRefused = (path: SettingPath): boolean => refused.some((other) => other.every((step, index) => step === path[index]));
  const reading = { error, warning, isRefused, resolveName, readNamedFile, readNamedBytes, mention };
  return { reading, problems, files, namedFiles };
}

type FileContent<Content> = { readonly ok: true; readonly content: Content } | { readonly ok: false; readonly reason: string };

function readBytes(readFile: ReadFile, file: string, longest: number): FileContent<Buffer> {
  try {
    return { ok: true, content: readFile(file, longest) };
  } catch (cause) {
    return { ok: false, reason: reasonOf(cause, longest) };
  }
}

/** Reads a text file; the reason is in words an operator knows. */
export function readText(
  readFile: ReadFile,
  file: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string } {
  try {
    const text = decodeUtf8(readFile(file));
    return text === undefined ? { ok: false, reason: 'it is not text in UTF-8' } : { ok: true, text };
  } catch (cause) {
    return { ok: false, reason: reasonOf(cause) };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is no ordinary file',
  NOT_A_FILE: 'it is no ordinary file',
};

function reasonOf(cause: unknown, longest: number = longestFile): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  if (code === 'EFBIG') return `it is larger than ${longest / 2 ** 20} MiB`;
  return reasons[code] ?? code;
}

function refuseName(path: SettingPath, name: string): string | undefined {
  if (name.trim() === '') return `${writePath(path)} is empty: write the name of a file`;
  if (name.includes('\0')) return `${writePath(path)} is not the name of a file`;
  return name.includes('-----BEGIN') ? `${writePath(path)} must be the name of a file, not its content` : undefined;
}
