import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValues } from '../../src/http/header-list.ts';
import { ask } from './endpoint-context.ts';

const documents = ['/.well-known/pomerium', '/.well-known/pomerium/', '/.well-known/pomerium/jwks.json'];
const jwks = '/.well-known/pomerium/jwks.json';

describe('/.well-known/pomerium', () => {
  it('names the addresses of this host, and the callback of the authenticate host', async () => {
    const { reply } = await ask({ target: '/.well-known/pomerium', authority: 'APP.example:443' });
    assert.equal(reply.status, 200);
    assert.deepEqual(JSON.parse(String(reply.body)), {
      issuer: 'https://app.example/',
      authentication_callback_endpoint: 'https://auth.example:8443/oauth2/callback',
      jwks_uri: 'https://app.example/.well-known/pomerium/jwks.json',
      frontchannel_logout_uri: 'https://app.example/.pomerium/sign_out',
    });
  });

  it('keeps another port, and names no callback where nobody can sign in', async () => {
    const { reply } = await ask({ target: '/.well-known/pomerium', further: { authenticateUrl: undefined } });
    assert.deepEqual(JSON.parse(String(reply.body)), {
      issuer: 'https://app.example:8443/',
      jwks_uri: 'https://app.example:8443/.well-known/pomerium/jwks.json',
      frontchannel_logout_uri: 'https://app.example:8443/.pomerium/sign_out',
    });
  });
});

describe('/.well-known/pomerium/jwks.json', () => {
  const common = [
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Expose-Headers',
    'ETag',
    'ETag',
    '"abc"',
    'Cache-Control',
    'max-age=60',
  ];

  it('is the key set, good for a minute', async () => {
    assert.deepEqual((await ask({ target: jwks })).reply, {
      status: 200,
      headers: ['Content-Type', 'application/json; charset=utf-8', 'X-Content-Type-Options', 'nosniff', ...common],
      body: '{"keys":[]}',
    });
  });

  for (const tag of ['"abc"', 'W/"abc"', '"x", "abc"', '*'])
    it(`answers 304 to whoever has it: ${tag}`, async () => {
      assert.deepEqual((await ask({ target: jwks, headers: ['If-None-Match', tag] })).reply, { status: 304, headers: common, body: '' });
    });

  for (const tag of ['"x"', 'abc', '', '"abcd"'])
    it(`sends it to whoever has another: ${tag}`, async () => {
      assert.equal((await ask({ target: jwks, headers: ['If-None-Match', tag] })).reply.status, 200);
    });
});

describe('cross-origin reading', () => {
  it('lets scripts of every site read both documents, without ever naming one', async () => {
    for (const target of documents) {
      const { reply } = await ask({ target, headers: ['Origin', 'https://evil.example'] });
      assert.deepEqual(headerValues(reply.headers, 'access-control-allow-origin'), ['*']);
      assert.deepEqual(headerValues(reply.headers, 'access-control-allow-credentials'), []);
      assert.ok(!JSON.stringify(reply).includes('evil'));
    }
  });

  it('answers a preflight with 204', async () => {
    const headers = ['Origin', 'https://evil.example', 'Access-Control-Request-Method', 'GET'];
    for (const target of documents)
      assert.deepEqual((await ask({ method: 'OPTIONS', target, headers })).reply, {
        status: 204,
        headers: [
          'Access-Control-Allow-Origin',
          '*',
          'Access-Control-Allow-Methods',
          'GET, HEAD',
          'Access-Control-Allow-Headers',
          '*',
          'Access-Control-Max-Age',
          '3600',
        ],
        body: '',
      });
  });

  it('takes OPTIONS for a preflight only with both headers, and only for these documents', async () => {
    const preflight = ['Origin', 'https://evil.example', 'Access-Control-Request-Method', 'GET'];
    for (const headers of [[], preflight.slice(0, 2), preflight.slice(2)])
      assert.equal((await ask({ method: 'OPTIONS', target: jwks, headers })).reply.status, 405);
    for (const target of ['/.pomerium/user', '/.pomerium/', '/ping']) {
      const { reply } = await ask({ method: 'OPTIONS', target, headers: preflight });
      assert.deepEqual([reply.status, headerValues(reply.headers, 'access-control-allow-origin')], [405, []]);
    }
    assert.equal((await ask({ method: 'OPTIONS', target: '/.well-known/pomerium/other', headers: preflight })).reply.status, 404);
  });

  it('lets no script of another site read anything else', async () => {
    for (const target of ['/.pomerium/user', '/.pomerium/', '/.pomerium/sign_out', '/ping'])
      assert.deepEqual(
        headerValues((await ask({ target, headers: ['Origin', 'https://evil.example'] })).reply.headers, 'access-control-allow-origin'),
        [],
      );
  });
});
