import { isFieldName } from '../http/header-list.ts';
import { rememberNames } from '../http/remember-names.ts';

/** `framing`: a sink writes it itself, or it was about the connection to the upstream (RFC 9113 section 8.2.2 forbids it). */
export type AnswerField = 'framing' | 'length' | 'date' | 'plain' | 'malformed';

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

/** What the name of a field of an answer says about it; case does not matter. */
export const answerField: (name: string) => AnswerField = rememberNames((name) =>
  isFieldName(name) ? (special.get(name.toLowerCase()) ?? 'plain') : 'malformed',
);
