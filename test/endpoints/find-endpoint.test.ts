import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointTable } from '../../src/endpoints/endpoint-table.ts';
import { findEndpoint, isReserved } from '../../src/endpoints/find-endpoint.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { ProxyFailure } from '../../src/http/proxy-failure.ts';
import { allOff, ask, endpointContext } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

const nameOf = (path: string, isAuthenticateHost: boolean) => findEndpoint({ path, isAuthenticateHost, flags: allOff })?.name;

const usesCertificate = (path: string, isCertificateHost: boolean) =>
  findEndpoint({ path, isAuthenticateHost: false, isCertificateHost, flags: allOff })?.usesCertificate;

describe('findEndpoint()', () => {
  it('finds every reserved path on every host, by its own name', () => {
    const everywhere = endpointTable.filter(({ hosts }) => hosts === 'every').map(({ path }) => path);
    for (const path of [...everywhere, '/.pomerium/jwt', '/.pomerium/nothing', '/.well-known/pomerium/nothing'])
      assert.deepEqual([nameOf(path, false), nameOf(path, true)], [path, path]);
  });

  it('finds the paths of the authenticate host there only', () => {
    for (const path of ['/', '/oauth2/callback', '/robots.txt'])
      assert.deepEqual([nameOf(path, false), nameOf(path, true)], [undefined, path]);
  });

  it('finds the sign-in with a certificate on its host only, and nothing of a route beside it', () => {
    const paths = ['/.pomerium/certificate_sign_in', '/.pomerium/certificates', '/.pomerium/', '/'];
    assert.deepEqual(
      paths.map((path) => [usesCertificate(path, true), usesCertificate(path, false)]),
      [
        [true, false],
        [true, true],
        [false, false],
        [undefined, undefined],
      ],
    );
  });

  it('leaves every other path to the routes', () => {
    for (const path of [
      '/app',
      '/.pomeriumx',
      '/.well-known/pomerium2',
      '/.well-known/',
      '/pinga',
      '/ping/',
      '/oauth2/callback/',
      '/__proto__',
    ])
      assert.equal(nameOf(path, true), undefined, path);
  });

  it('wants a session for the documents about the person alone', () => {
    assert.deepEqual(
      endpointTable.filter(({ needsSession }) => needsSession).map(({ path }) => path),
      ['/.pomerium/user', '/.pomerium/jwt'],
    );
  });

  it('serves HEAD wherever it serves GET, but for addresses that are good for one use', () => {
    assert.deepEqual(
      endpointTable.filter(({ methods }) => methods.includes('GET') && !methods.includes('HEAD')).map(({ path }) => path),
      [
        '/.pomerium/callback/',
        '/.pomerium/api/v1/login',
        '/.pomerium/programmatic_login',
        '/.pomerium/certificate_sign_in',
        '/.pomerium/certificate_callback',
        '/oauth2/callback',
      ],
    );
  });

  it('answers 405 with what is allowed for every other method, and asks identity for nothing', async () => {
    const everyHost = { isAuthenticateHost: true, isCertificateHost: true, flags: { ...allOff, jwtEndpoint: true } };
    for (const { path, methods, crossOrigin } of endpointTable)
      for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'get', 'OPTIONS', ...(methods.includes('POST') ? [] : ['POST'])]) {
        const { reply, calls } = await ask({ method, target: path, ...everyHost });
        const allow = [...methods, ...(crossOrigin ? ['OPTIONS'] : [])].join(', ');
        assert.deepEqual([path, method, reply.status, headerValue(reply.headers, 'allow'), calls], [path, method, 405, allow, []]);
        readPage(reply);
      }
  });

  it('answers 404 on a page of our own for what is reserved and not there, whatever the method', async () => {
    for (const target of ['/.pomerium/jwt', '/.pomerium/%3Cscript%3E', '/.pomerium/routes', '/.well-known/pomerium/hpke-public-key'])
      for (const method of ['GET', 'POST']) {
        const { reply } = await ask({ target, method });
        assert.equal(reply.status, 404);
        assert.ok(!String(reply.body).includes('script'));
        readPage(reply);
      }
  });

  it('lets a fault of identity pass through as it is', async () => {
    const failure = new ProxyFailure('store-failed', 'Cannot read the store');
    const { context } = endpointContext({ target: '/.pomerium/sign_out' });
    const identity = { ...context.identity, signOut: async () => Promise.reject(failure) };
    const served = findEndpoint({ path: '/.pomerium/sign_out', isAuthenticateHost: false, flags: allOff })?.serve({ ...context, identity });
    await assert.rejects(Promise.resolve(served), (error) => error === failure);
  });

  it('leads to the user page from its address without a slash, and from the root of the authenticate host', async () => {
    for (const target of ['/.pomerium', '/']) {
      const { reply } = await ask({ target, isAuthenticateHost: true });
      assert.deepEqual([reply.status, headerValue(reply.headers, 'location')], [302, '/.pomerium/']);
    }
  });

  it('says that it is alive', async () => {
    for (const target of ['/ping', '/healthz'])
      for (const method of ['GET', 'HEAD']) {
        const { reply } = await ask({ target, method });
        assert.deepEqual([reply.status, reply.body], [200, 'OK']);
      }
  });

  it('asks crawlers to stay away from the authenticate host', async () => {
    const { reply } = await ask({ target: '/robots.txt', isAuthenticateHost: true });
    assert.deepEqual([reply.status, reply.body], [200, 'User-agent: *\nDisallow: /\n']);
  });
});

describe('isReserved()', () => {
  it('tells the prefixes from names that only begin like them', () => {
    const paths = ['/ping', '/healthz', '/.pomerium', '/.pomerium/', '/.pomerium/x', '/.well-known/pomerium', '/.well-known/pomerium/x'];
    assert.deepEqual(
      paths.map(isReserved),
      paths.map(() => true),
    );
    const others = ['/', '/pings', '/ping/', '/.pomeriumx', '/.well-known/pomeriumx', '/a/.pomerium/', '/robots.txt'];
    assert.deepEqual(
      others.map(isReserved),
      others.map(() => false),
    );
  });
});

describe('/.pomerium/jwt', () => {
  const alice = { id: 'alice', email: 'alice@corp.example', name: 'Alice', claims: new Map(), sessionId: 's', expiresAt: 9e15 };

  it('is not there unless the runtime flag is on', async () => {
    const { reply } = await ask({ target: '/.pomerium/jwt', person: alice });
    assert.equal(reply.status, 404);
  });

  it('is the assertion itself where it is, for nobody to keep', async () => {
    const { reply } = await ask({ target: '/.pomerium/jwt', person: alice, flags: { ...allOff, jwtEndpoint: true } });
    assert.deepEqual(
      [reply.status, headerValue(reply.headers, 'cache-control'), String(reply.body).split('.')[0]],
      [200, 'no-store', 'header'],
    );
  });
});
