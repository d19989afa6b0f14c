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
 * The lines of a configuration as problems may quote them, by index: values of secret keys and user parts of URLs are overwritten
 * with `*`, column for column. It goes by lines and not by the parsed document, because the document that does not parse
 * is the one whose lines get quoted. Of such a `broken` text only values of known keys are shown: a slip of the pen in
 * the name of a key must not show its value.
 */
export function secretMask(lines: readonly string[], { broken }: { readonly broken: boolean }): (index: number) => string {
  const isSecret = remembered(isSecretKey);
  // Of lines that lie within a secret. All others are masked by themselves, when they are asked for: of thousands few are.
  const within = new Map<number, SecretValue | 'private key'>();
  let inPrivateKey = false;
  let open: SecretValue | undefined;
  let next = 0;

  function goTo(index: number): void {
    for (; next <= index; next += 1) {
      const line = lines[next] ?? '';
      inPrivateKey ||= privateKeyBegins.test(line);
      if (open !== undefined && endsValue(line, open)) open = undefined;
      const secret = inPrivateKey ? 'private key' : open;
      if (secret !== undefined) within.set(next, secret);
      if (privateKeyEnds.test(line)) inPrivateKey = false;
      open ??= opensSecret(line, isSecret);
    }
  }

  return (index) => {
    goTo(index);
    const line = lines[index] ?? '';
    const secret = within.get(index);
    if (secret === 'private key') return stars(line, 0);
    return secret === undefined ? maskLine(line, broken, isSecret) : maskInside(line, secret);
  };
}

/** The same few keys stand in every route, and to compare one with all that are secret takes a while. */
function remembered(judge: (key: string) => boolean): (key: string) => boolean {
  const known = new Map<string, boolean>();
  return (key) => {
    const found = known.get(key) ?? judge(key);
    known.set(key, found);
    return found;
  };
}

function maskLine(line: string, broken: boolean, isSecret: (key: string) => boolean): string {
  if (line.length > longestLine) return stars(line, 0);
  const shown = hideUserInformation(line, (part) => '*'.repeat(part.length));
  const first = startOfKey.exec(line);
  if (first !== null && isSecret(first[3] ?? '')) return stars(shown, first[0].length);
  const keys = [...line.matchAll(keyInLine)];
  for (const match of keys) {
    const end = match.index + match[0].length;
    if (isSecret(match[2] ?? '') || hidesName(match, line.slice(end)) || (broken && isForeign(match, line.slice(end))))
      return stars(shown, end);
  }
  return broken && keys.length === 0 && !onlyDashes.test(line) ? stars(line, 0) : shown;
}

/** A secret under the key of a file name. */
function hidesName([, , key = '']: RegExpExecArray, rest: string): boolean {
  return key.endsWith('_file') && looksLikeSecret(valueOf(rest));
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

function opensSecret(line: string, isSecret: (key: string) => boolean): SecretValue | undefined {
  if (!line.includes(':')) return undefined;
  const first = startOfKey.exec(line);
  const name = first?.[3] ?? '';
  // The name of a file stands beside its key: what stands below it is something else.
  if (first !== null && (isSecret(name) || (namesSecretFile(name) && isBelow.test(line.slice(first[0].length)))))
    return { indent: (first[1] ?? '').length, namesAreSeen: namedSecrets.has(name) };
  for (const [whole, , key = ''] of line.matchAll(keyInLine)) {
    if (isSecret(key)) return { indent: line.indexOf(whole) + whole.indexOf(key), namesAreSeen: namedSecrets.has(key) };
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
