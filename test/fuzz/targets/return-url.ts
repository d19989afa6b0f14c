import assert from 'node:assert/strict';
import { originOf, readReturnUrl, returnUrlOf } from '../../../src/identity/return-url.ts';
import { readProgrammaticRedirect } from '../../../src/identity/programmatic-redirect.ts';
import { signUrl, verifySignedUrl } from '../../../src/identity/signed-url.ts';
import { parseTarget } from '../../../src/http/path.ts';
import { request } from '../../identity/request.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * Where somebody is sent: the host that was compared is the one that a browser goes to, and of a signed URL nothing can be changed.
 * In an input `@signed@` stands for a query that we signed.
 */
export const returnUrl: FuzzTarget = {
  name: 'return-url',
  briefly: 4_000,
  meets: ['return', 'program', 'refused', 'signed'],
  open() {
    const url = signUrl(base, { pomerium_redirect_uri: 'https://a.test/x?y=1&z=2', pomerium_csrf: 'é +%' }, moment);
    const query = url.slice(base.length);
    return Promise.resolve({ seeds: [], make, check: (input) => check(input, query), [Symbol.asyncDispose]: closesNothing });
  },
};

const base = 'https://auth.test/.pomerium/sign_in';
const moment = { keys: [Buffer.alloc(32, 5)], at: 1_700_000_000_000 } as const;

const pieces = [
  'https://', 'http://', 'https:/', 'https:\\\\', 'HTTPS://', '//', '/', '\\', 'a.test', 'A.test', 'auth.test', 'localhost', '127.0.0.1', '0x7f.1', '[::1]', 'evil.test',
  '.evil.test', '@', ':443', ':8443', ':', '#', '?', '?x=', '%2f', '%5c', '%40', '\t', '\n', ' ', '\xa0', '\xad', '.', '..', 'javascript:', ';', 'pomerium_jwt=',
  '@signed@', '@signed@', '&', '=', 'pomerium_redirect_uri=', 'pomerium_expiry=', 'pomerium_signature=', '+', '%20', '%00',
]; // prettier-ignore
const words = wordsOf(...pieces);

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2)) return mutateBytes(random, random.pick(known), { others: known, words });
  return Buffer.from(random.times(1 + random.below(6), () => random.pick(pieces)).join(''), 'latin1');
}

function check(input: Buffer, query: string): string {
  const text = input.toString('latin1').replaceAll('@signed@', query);
  const outcomes = [checkReturn(text), checkProgram(text), checkSigned(text, query)].filter((outcome) => outcome !== undefined);
  checkWayBack(text);
  return outcomes.join(' and ') || 'refused';
}

function checkReturn(text: string): string | undefined {
  const read = readReturnUrl(text);
  if (read === undefined) return undefined;
  const url = new URL(read.url);
  assert.equal(`${url.protocol}//${url.host}`, originOf(read.authority), 'a browser goes to another host');
  assert.deepEqual([url.username, url.password, url.hash === '' || read.url.includes('?')], ['', '', true]);
  // As a reference on our own pages, and with what browsers leave out of an address taken out.
  assert.equal(new URL(read.url, base).host, url.host);
  assert.doesNotMatch(read.url, /[\s\p{Cc}]/u, 'white space, or a line end that would end the field');
  return 'return';
}

function checkProgram(text: string): string | undefined {
  const read = readProgrammaticRedirect(text, ['localhost', 'a.test']);
  if (read === undefined) return undefined;
  const { hostname, protocol, username } = new URL(read.href);
  assert.ok(/^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\]|a\.test)$/.test(hostname), `a token is sent to ${hostname}`);
  assert.deepEqual([hostname, username, /^https?:$/.test(protocol)], [read.hostname, '', true]);
  assert.doesNotMatch(read.href, /[\s\p{Cc}]/u);
  return 'program';
}

function checkSigned(text: string, query: string): string | undefined {
  const mark = text.indexOf('?');
  const asked = mark === -1 ? text : text.slice(mark);
  const read = verifySignedUrl(base, asked, moment);
  assert.equal(verifySignedUrl(`${base}x`, asked, moment).kind, 'invalid', 'it is good at another address');
  if (read.kind === 'invalid') return undefined;
  const signed = new URLSearchParams(query);
  signed.delete('pomerium_signature');
  assert.deepEqual(sorted(read.parameters), sorted(signed), 'what was signed is not what is read');
  return 'signed';
}

function sorted(parameters: URLSearchParams): readonly string[] {
  return [...parameters].map((pair) => JSON.stringify(pair)).toSorted();
}

/** Whatever page somebody asks for, a sign-in leads back to its host. */
function checkWayBack(text: string): void {
  const target = `/${text}`;
  if (typeof parseTarget(target) === 'string') return;
  const inbound = request(`https://a.test:8443${target}`);
  const back = readReturnUrl(returnUrlOf(inbound));
  assert.ok(back !== undefined, 'the way back is one that is refused');
  assert.equal(new URL(back.url).host, 'a.test:8443');
}
