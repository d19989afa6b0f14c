import { isFieldName } from '../http/header-list.ts';
import { ownCopy } from '../http/own-copy.ts';

/** `framing`: a sink writes it itself, or it was about the connection to the upstream (RFC 9113 section 8.2.2 forbids it). */
export type AnswerField = 'framing' | 'length' | 'date' | 'plain' | 'malformed';

/** What the name of a field of an answer says about it; case does not matter. */
export function answerField(name: string): AnswerField {
  return known.get(name) ?? remember(name);
}

function remember(name: string): AnswerField {
  const field = isFieldName(name) ? (special.get(name.toLowerCase()) ?? 'plain') : 'malformed';
  if (field === 'malformed' || name.length > longestKnown) return field;
  // Whoever fills it with inventions costs the others one reading of their names.
  if (known.size >= mostKnown) known.clear();
  known.set(ownCopy(name), field);
  return field;
}

// Few names are sent at all, each of them with nearly every answer.
const known = new Map<string, AnswerField>();
const mostKnown = 1_000;
const longestKnown = 64;

const special: ReadonlyMap<string, AnswerField> = new Map<string, AnswerField>([
  ['connection', 'framing'],
  ['http2-settings', 'framing'],
  ['keep-alive', 'framing'],
  ['proxy-connection', 'framing'],
  ['te', 'framing'],
  ['transfer-encoding', 'framing'],
  ['upgrade', 'framing'],
  ['content-length', 'length'],
  ['date', 'date'],
]);
