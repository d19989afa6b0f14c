import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { matchesHostPattern, parseHostPattern } from '../../../src/http/host-table.ts';
import type { Authority } from '../../../src/http/hostname.ts';
import { parseAuthority, parseHostname } from '../../../src/http/hostname.ts';
import { originOf, readReturnUrl } from '../../../src/identity/return-url.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/** Host names and authorities: one canonical form, the same that a browser has, and no second host hidden in the text. */
export const host: FuzzTarget = {
  name: 'host',
  briefly: 8_000,
  meets: ['name', 'address', 'refused'],
  open: () =>
    Promise.resolve({
      seeds: [],
      make: (random, known) =>
        random.oneIn(2) ? madeAuthority(random) : mutateBytes(random, random.pick(known), { others: known, words }),
      check,
      [Symbol.asyncDispose]: closesNothing,
    }),
};

const pieces: readonly string[] = [
  'a', 'A', 'b.test', 'corp.example', '.', '..', '-', '_', '*', 'xn--', 'xn--bcher-kva', '127.0.0.1', '0x7f', '1', '0', '256', '[::1]', '[', ']', '::', '::ffff:1.2.3.4',
  '%25eth0', '%', ':', ':443', ':0443', ':80', ':0', ':65536', '@', 'user@', '/', '\\', '?', '#', ' ', '\t', '\0', ',', ';', '\xe9', '\xad', 'localhost',
]; // prettier-ignore
const words = wordsOf(...pieces);

function madeAuthority(random: Random): Buffer {
  return Buffer.from(random.times(1 + random.below(5), () => random.pick(pieces)).join(''), 'latin1');
}

const patterns = ['*.test', 'a*', '*a*b*', '*', 'a.*.test', 'corp.example', '**'].map((text) => parseHostPattern(text));

function check(input: Buffer): string {
  const text = input.toString('latin1');
  const authority = parseAuthority(text);
  for (const spelt of spellingsOf(text)) assert.deepEqual(parseAuthority(spelt), authority, `${JSON.stringify(spelt)} is another host`);
  if (authority === undefined) return 'refused';
  const { hostname, port } = authority;
  assert.equal(parseHostname(hostname), hostname, 'the canonical name reads as another one');
  assert.deepEqual(parseAuthority(writtenOf(authority)), authority, 'the canonical authority reads as another one');
  assert.match(hostname, /^(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:]+\])$/, 'characters that no canonical name has');
  assert.ok(port === undefined || (port > 0 && port < 65_536), 'a port that is none');
  assertSameAsBrowser(text, authority);
  for (const pattern of patterns) {
    assert.ok(pattern !== undefined);
    const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/\*+/g, '[^]*')}$`);
    assert.equal(matchesHostPattern(pattern, hostname), expression.test(hostname), `${pattern} matches otherwise`);
  }
  return isIP(hostname.replaceAll(/[[\]]/g, '')) === 0 ? 'name' : 'address';
}

/** The case of ASCII letters says nothing. */
function spellingsOf(text: string): readonly string[] {
  return [text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()), text.replace(/[a-z]/g, (letter) => letter.toUpperCase())];
}

function writtenOf({ hostname, port }: Authority): string {
  return port === undefined ? hostname : `${hostname}:${port}`;
}

function assertSameAsBrowser(text: string, authority: Authority): void {
  if (!URL.canParse(`https://${text}/`)) return;
  const url = new URL(`https://${text}/`);
  assert.deepEqual(
    [url.username, url.password, url.pathname, url.search, url.hash],
    ['', '', '/', '', ''],
    'the URL reader finds more than a host',
  );
  assert.equal(
    url.port,
    authority.port === 443 || authority.port === undefined ? '' : String(authority.port),
    'the URL reader finds another port',
  );
  assert.equal(url.hostname.replace(/\.$/, ''), authority.hostname, 'the URL reader finds another host');
  const back = readReturnUrl(`${originOf(authority)}/`);
  assert.equal(back?.authority.hostname, authority.hostname, 'nobody could come back to this host after signing in');
}
