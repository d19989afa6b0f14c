import assert from 'node:assert/strict';
import type { Hostname } from '../../../src/http/hostname.ts';
import { parseHostname } from '../../../src/http/hostname.ts';
import { cookieValues, withoutCookies } from '../../../src/http/cookies.ts';
import { buildSession } from '../../../src/identity/build-session.ts';
import { createSealer } from '../../../src/identity/sealer.ts';
import type { SessionCookie } from '../../../src/identity/session-cookie.ts';
import { createSessionCookie } from '../../../src/identity/session-cookie.ts';
import { cookieSettings } from '../../identity/house.ts';
import { request } from '../../identity/request.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * `Cookie` fields: nobody becomes somebody but by a cookie that was written for them here, and what is handed on holds none of ours for
 * any reader. In an input `@1@` stands for a genuine cookie of the host, `@2@` for somebody else's, `@auth@` for one of another host.
 */
export const cookies: FuzzTarget = {
  name: 'cookies',
  briefly: 4_000,
  meets: ['somebody', 'nobody', 'nobody: two'],
  open() {
    const cookie = openCookie();
    const values = new Map([
      ['@1@', cookie.write(host('a.test'), session('one'))],
      ['@2@', cookie.write(host('a.test'), session('two'))],
      ['@auth@', cookie.write(host('auth.test'), session('one'))],
      ['@b@', cookie.write(host('b.test'), session('one'))],
    ]);
    const genuine = new Map([...values].map(([mark, written]) => [mark, /=([^;]*)/.exec(written)?.[1] ?? '']));
    return Promise.resolve({ seeds: [], make, check: (input) => check(input, cookie, genuine), [Symbol.asyncDispose]: closesNothing });
  },
};

const pieces = [
  '_pomerium=', '_pomerium', '_pomerium_authenticate=', '_pomerium_csrf=', '_POMERIUM=', 'a=', 'a', '@1@', '@1@', '@2@', '@auth@', '@b@', '=', ';', '; ', ',',
  '"', ' ', '\t', '\x0b', '\xa0', '\\', 'x', '==', '$Version=1', '%5fpomerium=',
]; // prettier-ignore
const words = wordsOf(...pieces);

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2)) return mutateBytes(random, random.pick(known), { others: known, words });
  return Buffer.from(random.times(random.below(12), () => random.pick(pieces)).join(''), 'latin1');
}

function openCookie(): SessionCookie {
  const secret = Buffer.alloc(32, 7);
  return createSessionCookie({
    settings: cookieSettings,
    authenticateHost: host('auth.test'),
    sealer: createSealer([secret], 'a'),
    authenticateSealer: createSealer([secret], 'b'),
    now: () => 0,
  });
}

function check(input: Buffer, cookie: SessionCookie, genuine: ReadonlyMap<string, string>): string {
  const field = input.toString('latin1').replace(/@\w+@/g, (mark) => genuine.get(mark) ?? mark);
  const pairs = pairsOf(field);
  const named = [...field.matchAll(/(?<=^|;)\s*_pomerium=([^;]*)/g)].map(([, value = '']) => value.trimEnd());
  assert.deepEqual(cookieValues(['Cookie', field], '_pomerium'), named, 'other values are found');
  const kept = withoutCookies(field, isOurs);
  const left = kept === undefined ? [] : pairsOf(kept);
  assert.deepEqual(
    left.filter(([name]) => isOurs(name ?? '')),
    [],
    'one of ours is handed on',
  );
  const expected = pairs.filter(([name = '', value = '']) => !isOurs(name) && (name !== '' || value !== ''));
  assert.deepEqual(
    left.filter(([name, value]) => name !== '' || value !== ''),
    expected,
    'others are not handed on as they were',
  );
  const [first, second] = ['@1@', '@2@'].map((mark) => named.slice(0, 8).includes(genuine.get(mark) ?? ''));
  const who = cookie.read(request('https://a.test/', field));
  assert.equal(who, first === second ? undefined : first ? 'one' : 'two', 'somebody else is signed in');
  if (who !== undefined) return 'somebody';
  return first && second ? 'nobody: two' : 'nobody';
}

function isOurs(name: string): boolean {
  return name === '_pomerium' || name.startsWith('_pomerium_');
}

/** As RFC 6265 section 5.4 has servers read them, white space of every kind left out around names and values. */
function pairsOf(field: string): readonly (readonly string[])[] {
  return field.split(';').map((pair) => {
    const equals = pair.indexOf('=');
    return equals === -1 ? [pair.trim(), ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
  });
}

function session(id: string): ReturnType<typeof buildSession> {
  const nothing = { accessToken: undefined, idToken: undefined, refreshToken: undefined, accessExpiresAt: undefined };
  return buildSession({ id, userId: id, expiresAt: 90_000, grant: { idTokenClaims: {}, userInfo: {}, ...nothing } });
}

function host(name: string): Hostname {
  return parseHostname(name) ?? assert.fail();
}
