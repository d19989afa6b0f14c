import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { Hostname } from '../../src/http/hostname.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import { buildSession } from '../../src/identity/build-session.ts';
import { createSessionTokens } from '../../src/identity/session-token.ts';

function host(name: string): Hostname {
  return parseHostname(name) ?? assert.fail(name);
}

const app = host('app.example.com');
const clock = { now: 1_800_000_000_000 };
const nothing = {
  idTokenClaims: {},
  userInfo: {},
  accessToken: 'SECRET',
  idToken: undefined,
  refreshToken: undefined,
  accessExpiresAt: undefined,
};
const session = buildSession({ id: 'the-session', userId: 'alice', expiresAt: clock.now + 60_000, grant: nothing });
const secret = randomBytes(32);
const tokens = createSessionTokens([secret], () => clock.now);

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('createSessionTokens()', () => {
  it('writes who it is for, where and until when, and nothing that is secret', () => {
    const { jti, ...claims } = decodeJwt(tokens.write(session, app));
    assert.match(String(jti), /^[0-9a-f-]{36}$/);
    assert.deepEqual(claims, { iss: app, aud: app, sub: 'alice', sid: 'the-session', iat: 1_800_000_000, exp: 1_800_000_060 });
  });

  it('reads its own at the host it is for, until the session ends', () => {
    const token = tokens.write(session, app);
    const read = [tokens.read(token, app), tokens.read(token, host('other.example.com')), tokens.read(token, host('example.com'))];
    clock.now += 60_000;
    const later = tokens.read(token, app);
    clock.now -= 60_000;
    assert.deepEqual([...read, later], ['the-session', undefined, undefined, undefined]);
  });

  it('reads those of an older secret and writes with the newest', () => {
    const newer = randomBytes(32);
    const rotated = createSessionTokens([newer, secret], () => clock.now);
    const [old, fresh] = [tokens.write(session, app), rotated.write(session, app)];
    assert.deepEqual(
      [rotated.read(old, app), rotated.read(fresh, app), tokens.read(fresh, app)],
      ['the-session', 'the-session', undefined],
    );
  });

  it('reads nothing that is not exactly one of its own', () => {
    const token = tokens.write(session, app);
    const [head = '', payload = '', signature = ''] = token.split('.');
    const bySecret = `${head}.${payload}`;
    const wrong = [
      '',
      '.',
      '..',
      token.slice(0, -1),
      `${token}=`,
      `${token}A`,
      `${token}.`,
      `${head}.${payload}.`,
      `${head}.${payload}.${'A'.repeat(43)}`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
      `${encode({ typ: 'JWT', alg: 'HS256' })}.${payload}.${signature}`,
      `${head}.${encode({ ...decodeJwt(token), sid: 'another' })}.${signature}`,
      // The secret itself signs other things: URLs, for one.
      `${bySecret}.${createHmac('sha256', secret).update(bySecret).digest('base64url')}`,
      `${token.slice(0, -1)}${String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`,
      'x'.repeat(1_000_000),
    ];
    assert.deepEqual(
      wrong.map((each) => tokens.read(each, app)),
      wrong.map(() => undefined),
    );
  });
});
