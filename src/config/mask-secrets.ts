import { isKnownKey } from './known-keys.ts';
import { isSecretKey, looksLikeSecret, namesSecretFile } from './secret-keys.ts';
import { hideUserInformation } from './user-information.ts';

// It may only begin after a delimiter: to try every letter of a long base64 line would take quadratic time.
const keyInLine = /(?<=^|[\s"'{}[\],:#?])(["']?)([^\s"'{}[\],:#]+)\1\s*:/g;
const startOfKey = /^(\s*(?:-\s+)*)(["']?)([^\s"'#](?:[^:]|:(?!\s|$))*)\2\s*:(?:\s|$)/;
const isBelow = /^\s*(?:[|>&!][^\s]*)?\s*(?:#.*)?$/;
const onlyDashes = /^[\s-]*$/;
const privateKeyBegins = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const privateKeyEnds = /-----END [A-Z ]*PRIVATE KEY-----/;

// The search for user parts takes quadratic time. Longer lines are mostly of machines, and shown without a letter.
const longestLine = 4096;

// Maps whose values are secrets and whose names are not.
const namedSecrets = new Set(['set_request_headers', 'idp_request_params']);

interface SecretValue {
  /** Of its key: a value goes on until a key of the same or an outer level. */
  readonly indent: number;
  /** Whether it is a map of names and secret values, whose names may be seen. */
  readonly namesAreSeen: boolean;
}

/**
 * The lines of a configuration as problems may quote them: values of secret keys and user parts of URLs are overwritten
 * with `*`, column for column. It goes by lines and not by the parsed document, because the document that does not parse
 * is the one whose lines get quoted. Of such a `broken` text only values of known keys are shown: a slip of the pen in
 * the name of a key must not show its value.
 */
export function maskSecrets(lines: readonly string[], { broken }: { readonly broken: boolean }): readonly string[] {
  const masked: string[] = [];
  let inPrivateKey = false;
  let open: SecretValue | undefined;
  for (const line of lines) {
    inPrivateKey ||= privateKeyBegins.test(line);
    if (open !== undefined && endsValue(line, open)) open = undefined;
    if (inPrivateKey) masked.push(stars(line, 0));
    else masked.push(open === undefined ? maskLine(line, broken) : maskInside(line, open));
    if (privateKeyEnds.test(line)) inPrivateKey = false;
    open ??= opensSecret(line);
  }
  return masked;
}

function maskLine(line: string, broken: boolean): string {
  if (line.length > longestLine) return stars(line, 0);
  const shown = hideUserInformation(line, (part) => '*'.repeat(part.length));
  const first = startOfKey.exec(line);
  if (first !== null && isSecretKey(first[3] ?? '')) return stars(shown, first[0].length);
  const keys = [...line.matchAll(keyInLine)];
  for (const match of keys) {
    const end = match.index + match[0].length;
    if (hidesValue(match, line.slice(end)) || (broken && isForeign(match, line.slice(end)))) return stars(shown, end);
  }
  return broken && keys.length === 0 && !onlyDashes.test(line) ? stars(line, 0) : shown;
}

function hidesValue([, , key = '']: RegExpExecArray, rest: string): boolean {
  return isSecretKey(key) || (key.endsWith('_file') && looksLikeSecret(valueOf(rest)));
}

/** A key that nobody knows; `https:` of an URL is none, because a blank must follow unless the key is quoted. */
function isForeign([, quote, key = '']: RegExpExecArray, rest: string): boolean {
  return (quote !== '' || /^(?:\s|$)/.test(rest)) && !isKnownKey(key);
}

function maskInside(line: string, { namesAreSeen }: SecretValue): string {
  const match = namesAreSeen ? startOfKey.exec(line) : null;
  return stars(line, match === null ? 0 : match[0].length);
}

/** A line that looks like a key of the same or an outer level ends a value; broken indentation alone does not. */
function endsValue(line: string, { indent }: SecretValue): boolean {
  const match = startOfKey.exec(line);
  return match !== null && (match[1] ?? '').length <= indent;
}

function opensSecret(line: string): SecretValue | undefined {
  const first = startOfKey.exec(line);
  // The name of a file stands beside its key: what stands below it is something else.
  if (first !== null && (isSecretKey(first[3] ?? '') || (namesSecretFile(first[3] ?? '') && isBelow.test(line.slice(first[0].length)))))
    return { indent: (first[1] ?? '').length, namesAreSeen: namedSecrets.has(first[3] ?? '') };
  for (const [whole, , key = ''] of line.matchAll(keyInLine)) {
    if (isSecretKey(key)) return { indent: line.indexOf(whole) + whole.indexOf(key), namesAreSeen: namedSecrets.has(key) };
  }
  return undefined;
}

function valueOf(rest: string): string {
  return rest
    .trim()
    .replace(/^["']/, '')
    .replace(/["']?\s*(?:#.*)?$/, '');
}

function stars(line: string, from: number): string {
  return line.slice(0, from) + line.slice(from).replace(/\S/g, '*');
}
