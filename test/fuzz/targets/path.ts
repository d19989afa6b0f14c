import assert from 'node:assert/strict';
import type { EscapedSlashes } from '../../../src/http/inbound-rules.ts';
import type { PathRules } from '../../../src/http/path.ts';
import { parseTarget } from '../../../src/http/path.ts';
import { compilePathRewrite } from '../../../src/upstream/path-rewrite.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/** Request targets: the canonical path is one that no other reader resolves to another path, under every rule that can be configured. */
export const path: FuzzTarget = {
  name: 'path',
  briefly: 6_000,
  meets: ['as it was', 'changed', 'path-invalid', 'path-escaped-slash', 'target-invalid'],
  open: () =>
    Promise.resolve({
      seeds: [],
      make: (random, known) => (random.oneIn(2) ? madeTarget(random) : mutateBytes(random, random.pick(known), { others: known, words })),
      check,
      [Symbol.asyncDispose]: closesNothing,
    }),
};

const pieces: readonly string[] = [
  '/', '/', '/', '.', '.', '..', '//', '/./', '/../', '%2e', '%2E', '.%2e', '%2f', '%2F', '%5c', '%5C', '\\', '%25', '%252e', '%252f', '%41', '%61',
  '%7e', '~', 'a', 'A', 'admin', 'public', ';', ';x=1', '..;', '%3b', ':', '@', '*', '(', '%', '%2', '%zz', '%u002e', '%00', '%0a', '%7f', '%20', '%c0%ae',
  '%c3%a9', '\xc3\xa9', '%ff', '\0', '\t', ' ', '\x7f', '#', '%23', '?', '?a=/../b', '%3f', '&', '=', '[', ']', '|', '"', '<', '^', '`', '{', "'",
]; // prettier-ignore
const words = wordsOf(...pieces);

function madeTarget(random: Random): Buffer {
  return Buffer.from(`/${random.times(random.below(14), () => random.pick(pieces)).join('')}`, 'latin1');
}

const actions: readonly EscapedSlashes[] = ['reject_request', 'keep_unchanged', 'unescape_and_redirect', 'unescape_and_forward'];
const ruleSets: readonly PathRules[] = actions.flatMap((escapedSlashes) => [
  { mergeSlashes: true, escapedSlashes },
  { mergeSlashes: false, escapedSlashes },
]);
const swapPrefix = compilePathRewrite(
  { kind: 'prefix', replacement: '/base/', place: [] },
  { kind: 'prefix', prefix: '/a' },
  { mergeSlashes: true },
);

function check(input: Buffer): string {
  const raw = input.toString('latin1');
  const outcomes = ruleSets.map((rules) => checkUnder(raw, rules));
  return outcomes[0] ?? '';
}

function checkUnder(raw: string, rules: PathRules): string {
  const target = parseTarget(raw, rules);
  const under = JSON.stringify(rules);
  // Without escapes there is one way to read it, and nothing to refuse.
  if (/^\/[\w./~-]*$/.test(raw)) assert.equal(typeof target === 'string' ? target : target.path, resolved(raw, rules), `under ${under}`);
  if (typeof target === 'string') return target;
  const { path: canonical, query } = target;
  assert.deepEqual(parseTarget(canonical + query, rules), target, `not the same when it is read again, under ${under}`);
  assert.equal(query, raw.includes('?') ? raw.slice(raw.indexOf('?')) : '', 'the query is another one');
  assert.match(canonical, /^\/(?!\/)[\x21-\x7e]*$/, 'a control character, or the address of another host');
  assert.doesNotMatch(canonical, /[#?\\]/, 'a character that begins something else');
  assert.doesNotMatch(canonical, /%(?![0-9A-F]{2})(?=[0-9A-Fa-f]{2})/, 'an escape in lower case');
  assert.doesNotMatch(canonical, /%(?:[01][0-9A-F]|7F)/, 'an escaped control character');
  assert.doesNotMatch(canonical, /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/, 'an escape of what needs none');
  if (rules.mergeSlashes) assert.doesNotMatch(canonical, /\/\//, 'two slashes');
  assertResolved(canonical, rules);
  if (canonical.startsWith('/a')) assertRewritten(canonical);
  return canonical + query === raw ? 'as it was' : 'changed';
}

/** By the URL reader, which resolves dot segments and merges nothing. */
function resolved(raw: string, { mergeSlashes }: PathRules): string {
  const { pathname } = new URL(`http://upstream.test${raw}`);
  return pathname.replace(mergeSlashes ? /\/+/g : /^\/+/, '/');
}

/** Whoever reads it next finds nothing to resolve, whether or not they decode it first. */
function assertResolved(canonical: string, { escapedSlashes }: PathRules): void {
  assert.equal(
    new URL(canonical, 'http://upstream.test').href,
    new URL(`http://upstream.test${canonical}`).href,
    'two ways to join it to a host',
  );
  const seen = new URL(`http://upstream.test${canonical}`);
  assert.deepEqual([seen.host, plain(seen.pathname)], ['upstream.test', plain(canonical)], 'the URL reader sees another path');
  // Escapes that are not UTF-8 stay what they are: byte by byte, as most servers decode.
  const decoded = canonical.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  assert.doesNotMatch(decoded, /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/, 'a dot segment appears when it is decoded');
  if (escapedSlashes === 'keep_unchanged') return;
  assert.doesNotMatch(decoded, /\\/, 'a backslash appears when it is decoded');
  assert.equal(decoded.split('/').length, canonical.split('/').length, 'a slash appears when it is decoded');
}

/** The URL reader escapes a few characters that a path may hold as they are. */
function plain(text: string): string {
  return text.replace(/["<>^`{|}]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A rewrite leads out of the place of the route under no circumstances. */
function assertRewritten(canonical: string): void {
  assert.ok(swapPrefix.ok);
  const rewritten = swapPrefix.value(canonical as Parameters<typeof swapPrefix.value>[0]);
  if (rewritten !== undefined) assert.ok(new URL(`http://upstream.test${rewritten}`).pathname.startsWith('/base'), `leads to ${rewritten}`);
}
