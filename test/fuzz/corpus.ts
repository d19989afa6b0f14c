import { readFileSync } from 'node:fs';

/** One input that is tried in every run, forever: one that is known to be nasty, or one that once broke something. */
export interface CorpusEntry {
  readonly about: string;
  /** One character a byte; what is no text stands in `base64`. */
  readonly text?: string;
  readonly base64?: string;
}

export interface CorpusInput {
  readonly about: string;
  readonly bytes: Buffer;
}

/** The inputs that are kept for a target, from `corpus/NAME.json`. */
export function readCorpus(name: string): readonly CorpusInput[] {
  return readEntries(new URL(`corpus/${name}.json`, import.meta.url));
}

/** A file of the corpus, or a finding, which is a list of one. */
export function readEntries(file: URL | string): readonly CorpusInput[] {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as readonly CorpusEntry[];
  return entries.map(({ about, text, base64 }) => {
    if (text === undefined && base64 === undefined) throw new Error(`Cannot read the entry "${about}": write "text" or "base64"`);
    return { about, bytes: text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text, 'latin1') };
  });
}

/** The shape in which an input is kept. */
export function entryOf(about: string, bytes: Buffer): CorpusEntry {
  const text = bytes.toString('latin1');
  // Control characters other than line ends and tabs would be as hard to read in a text as they are in base64.
  return /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(text) ? { about, text } : { about, base64: bytes.toString('base64') };
}
