import assert from 'node:assert/strict';
import type { Hostname } from '../../../src/http/hostname.ts';
import { parseHostname } from '../../../src/http/hostname.ts';
import { buildSession } from '../../../src/identity/build-session.ts';
import type { Sealer } from '../../../src/identity/sealer.ts';
import { createSealer } from '../../../src/identity/sealer.ts';
import type { SessionTokens } from '../../../src/identity/session-token.ts';
import { createSessionTokens } from '../../../src/identity/session-token.ts';
import { readSignInState, writeSignInState } from '../../../src/identity/sign-in-state.ts';
import { randomOf } from '../cut-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * What we seal or sign for ourselves (cookies, states, session tokens): of all texts only the very one that we wrote opens, and only for
 * what it was written for. An input is a text to be sealed; genuine ones are altered in ways that the input decides.
 */
export const sealed: FuzzTarget = {
  name: 'sealed',
  briefly: 600,
  meets: ['altered', 'spelt otherwise', 'garbage'],
  open() {
    const sealer = createSealer([Buffer.alloc(32, 1), Buffer.alloc(32, 2)], 'fuzz');
    const others = [createSealer([Buffer.alloc(32, 3)], 'fuzz'), createSealer([Buffer.alloc(32, 1)], 'other')];
    const older = createSealer([Buffer.alloc(32, 2)], 'fuzz');
    const tokens = createSessionTokens([Buffer.alloc(32, 1)], () => 1_000);
    return Promise.resolve({
      seeds: [],
      make: (random, known) => mutateBytes(random, random.pick(known), { others: known, words: [], longest: 2_000 }),
      check: (input) => check(input, { sealer, older, others, tokens }),
      [Symbol.asyncDispose]: closesNothing,
    });
  },
};

interface Keys {
  readonly sealer: Sealer;
  readonly older: Sealer;
  readonly others: readonly Sealer[];
  readonly tokens: SessionTokens;
}

function check(input: Buffer, { sealer, older, others, tokens }: Keys): string {
  const random = randomOf(input);
  const text = input.toString('latin1');
  const context = `host ${text.slice(0, 8)}`;
  const genuine = sealer.seal(text, context);
  assert.equal(sealer.open(genuine, context), text, 'what was sealed does not open');
  assert.equal(sealer.open(older.seal(text, context), context), text, 'what was sealed with the older secret does not open');
  for (const other of others) assert.equal(other.open(genuine, context), undefined, 'another key opens it');
  for (const near of [`${context} `, context.slice(1), '', context.toUpperCase() + context])
    assert.equal(sealer.open(genuine, near), undefined, 'it opens in another context');
  assert.equal(sealer.open(text, context), undefined, 'garbage opens');
  assert.equal(readSignInState(sealer, genuine), undefined, 'something else that was sealed opens as a state');
  const { how, altered } = alter(random, genuine);
  assert.equal(sealer.open(altered, context), undefined, `what was altered opens: ${JSON.stringify([genuine, altered])}`);
  const bytes = sealer.sealBytes(text, context);
  const changed = mutateBytes(random, Buffer.from(bytes), { others: [input], words: [] });
  if (!changed.equals(bytes)) assert.equal(sealer.openBytes(changed, context), undefined, 'altered bytes open');
  checkState(random, sealer, text);
  checkToken(random, tokens, text);
  return how;
}

interface Altered {
  readonly how: string;
  readonly altered: string;
}

const base64Words = wordsOf('A', '=', '==', '+', '/', '-', '_', ' ', '\n', '%3D', '.', '\0', 'é');

/** Anything but the text itself. Of texts that stand for the same bytes there are many, and none of them is the text. */
function alter(random: Random, genuine: string): Altered {
  const bytes = Buffer.from(genuine, 'base64url');
  const spellings = [
    bytes.toString('base64'),
    `${genuine}=`,
    `${genuine}==`,
    ` ${genuine}`,
    `${genuine}\n`,
    genuine.replace(/.(?=.{9}$)/, '$&.'),
  ];
  const spelt = random.pick(spellings);
  if (random.oneIn(3) && spelt !== genuine) return { how: 'spelt otherwise', altered: spelt };
  const altered = mutateBytes(random, Buffer.from(genuine), { others: [], words: base64Words }).toString('latin1');
  return altered === genuine ? { how: 'garbage', altered: `${altered}A` } : { how: 'altered', altered };
}

function checkState(random: Random, sealer: Sealer, text: string): void {
  const parts = { issuedAt: 1, returnTo: text, routeBrowser: '', browser: '', nonce: '', codeVerifier: '' };
  const state = writeSignInState(sealer, parts);
  assert.equal(readSignInState(sealer, state)?.returnTo, text);
  assert.equal(readSignInState(sealer, alter(random, state).altered), undefined, 'an altered state is read');
}

const claimWords = wordsOf('.', '..', 'eyJhbGciOiJub25lIn0', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.', '=', 'e30');

function checkToken(random: Random, tokens: SessionTokens, text: string): void {
  const grant = {
    idTokenClaims: {},
    userInfo: {},
    accessToken: undefined,
    idToken: undefined,
    refreshToken: undefined,
    accessExpiresAt: undefined,
  };
  const token = tokens.write(buildSession({ id: 'one', userId: text, expiresAt: 90_000, grant }), host('a.test'));
  if (token.length <= 2_048) assert.equal(tokens.read(token, host('a.test')), 'one');
  assert.equal(tokens.read(token, host('b.test')), undefined, 'the token is good at another host');
  const { altered } = alter(random, token);
  const reworded = mutateBytes(random, Buffer.from(token), { others: [], words: claimWords }).toString('latin1');
  for (const wrong of [altered, reworded, text, token.split('.').slice(0, 2).join('.') + '.'])
    if (wrong !== token) assert.equal(tokens.read(wrong, host('a.test')), undefined, `an altered token is read: ${wrong}`);
}

function host(name: string): Hostname {
  return parseHostname(name) ?? assert.fail();
}
