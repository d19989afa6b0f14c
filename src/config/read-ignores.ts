import { loadYaml } from './load-yaml.ts';
import type { ProblemCode } from './problem-codes.ts';
import { isErrorCode, problemTexts } from './problem-codes.ts';
import type { YamlComment } from './plain-yaml.ts';
import type { FilePlace, Place, Problem } from './problem.ts';

/** A comment `# postern-ignore: CODE reason`: warnings of that code at `line` are not told. */
export interface Ignore {
  readonly code: ProblemCode;
  readonly reason: string;
  /** The line it speaks of, from 1: its own, or the next one with something on it when the comment stands alone. */
  readonly line: number;
  readonly place: Place;
}

export interface IgnoreComments {
  readonly ignores: readonly Ignore[];
  /** Comments that ignore nothing: an unknown code, an error's, or no reason. */
  readonly problems: readonly Problem[];
}

// What the lexer puts between the pieces of the text, and is not of the text.
const marks: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);
const comment = /^#\s*postern-ignore\b:?[ \t]*(\S*)[ \t]*(.*)$/;

/** Reads what the comments of a YAML text say to us. `placeAt` makes places of offsets. */
export function readIgnores(
  text: string,
  comments: Iterable<YamlComment>,
  placeAt: (from: number, to: number) => FilePlace,
): IgnoreComments {
  const ignores: Ignore[] = [];
  const problems: Problem[] = [];
  if (!text.includes('postern-ignore')) return { ignores, problems };
  const lines = text.split('\n');
  for (const { from, source } of comments) {
    const found = comment.exec(source.trimEnd());
    if (found === null) continue;
    const [, code = '', reason = ''] = found;
    const place = placeAt(from, from + source.length);
    const message = refuse(code, reason);
    if (message !== undefined) problems.push({ severity: 'warning', code: 'invalid-ignore', message, place });
    else ignores.push({ code: code as ProblemCode, reason: reason.trim(), line: lineMeant(lines, place.line), place });
  }
  return { ignores, problems };
}

/** The comments of a text; what stands in a value is none. */
export function* commentsOf(text: string): Generator<YamlComment> {
  let from = 0;
  const { Lexer } = loadYaml();
  for (const piece of new Lexer().lex(text)) {
    if (marks.has(piece)) continue;
    if (piece.startsWith('#')) yield { from, source: piece };
    from += piece.length;
  }
}

function refuse(code: string, reason: string): string | undefined {
  if (!Object.hasOwn(problemTexts, code))
    return `postern-ignore names no code: write one of those in docs/errors.md, not ${JSON.stringify(code)}`;
  if (isErrorCode(code as ProblemCode)) return `postern-ignore cannot ignore ${code}, which is an error: mend it`;
  return reason.trim() === '' ? `postern-ignore: ${code} gives no reason: write why behind the code` : undefined;
}

/** Of a comment that stands alone the next line that is neither empty nor a comment. */
function lineMeant(lines: readonly string[], line: number): number {
  if (!(lines[line - 1] ?? '').trimStart().startsWith('#')) return line;
  for (let next = line; next < lines.length; next += 1) {
    const trimmed = (lines[next] ?? '').trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) return next + 1;
  }
  return line;
}
