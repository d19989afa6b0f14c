import type { ReadFile } from '../config/reading.ts';

/** What files held when they were read, and why those could not be read that could not. */
export type FileContents = ReadonlyMap<string, FileContent>;

type FileContent = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly code: string };

export interface RememberedFiles {
  /** Reads each file once: whoever asks again gets what was read the first time. */
  readonly readFile: ReadFile;
  readonly contents: FileContents;
}

/** Reads, and remembers, so that others can read the very same later or elsewhere. */
export function rememberFiles(readFile: ReadFile): RememberedFiles {
  const contents = new Map<string, FileContent>();
  const replay = replayFiles(contents);
  return {
    contents,
    readFile(file, longest) {
      const key = keyOf(file, longest);
      if (!contents.has(key)) contents.set(key, read(readFile, file, longest));
      return replay(file, longest);
    },
  };
}

/** Answers as the files did that were remembered; there are no others. */
export function replayFiles(contents: FileContents): ReadFile {
  return (file, longest) => {
    const content = contents.get(keyOf(file, longest)) ?? { ok: false, code: 'ENOENT' };
    if (content.ok) return Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.bytes.byteLength);
    throw Object.assign(new Error(`Cannot read ${JSON.stringify(file)}: ${content.code}`), { code: content.code });
  };
}

function read(readFile: ReadFile, file: string, longest: number | undefined): FileContent {
  try {
    return { ok: true, bytes: readFile(file, longest) };
  } catch (cause) {
    return { ok: false, code: cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error' };
  }
}

/** The bound is part of the question: a file may be too large for one setting and not for another. */
function keyOf(file: string, longest: number | undefined): string {
  return `${longest ?? ''} ${file}`;
}
