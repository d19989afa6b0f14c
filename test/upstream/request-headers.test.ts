import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderList } from '../../src/http/header-list.ts';
import type { HeaderPlan } from '../../src/upstream/header-plan.ts';
import { kubernetesHeaders, kubernetesNames } from '../../src/upstream/kubernetes-headers.ts';
import { requestHeaders } from '../../src/upstream/request-headers.ts';
import { requestSteps } from '../../src/upstream/request-steps.ts';
import { isRouteEditable } from '../../src/upstream/steps/edit-for-route.ts';
import { writeAuthority } from '../../src/upstream/write-authority.ts';
import { inboundOf, plainPlan, vouching } from './example-request.ts';

const ours: HeaderList = [
  'Host',
  'up.internal:8000',
  'X-Forwarded-For',
  '192.0.2.7',
  'X-Forwarded-Proto',
  'https',
  'X-Forwarded-Host',
  'app.example',
  'X-Request-Id',
  'reference-1',
];

describe('requestHeaders()', () => {
  it('sends what the client sent, then its own', () => {
    assert.deepEqual(sent(['Accept', '*/*', 'X-Thing', '1', 'x-thing', '2']), ['Accept', '*/*', 'X-Thing', '1', 'x-thing', '2', ...ours]);
  });

  it('drops every spelling of what only a proxy may say', () => {
    const names = [
      'X-Pomerium-Claim-Email',
      'x-pomerium-jwt-assertion',
      'X_Pomerium_Claim_Email',
      'X-POMERIUM-JWT-ASSERTION-FOR',
      'x.pomerium.claim.email',
      'X-Pomerium_Authorization',
      'X-Forwarded-Client-Cert',
      'Client-Cert',
      'Client-Cert-Chain',
      'SSL_CLIENT_S_DN',
      'Ssl-Client-Verify',
      'X-SSL-Client-CN',
      'X-Client-DN',
      'X-Client-Cert-San',
      'X-Forwarded-Tls-Client-Cert-Info',
      'X-Amzn-Mtls-Clientcert-Leaf',
      'Cf-Client-Cert-Sha256',
      'Cf-Cert-Verified',
      'CloudFront-Viewer-Cert-Subject',
      'X-Authentik-Username',
      'X-Auth-Request-Email',
      'X-Goog-Authenticated-User-Email',
      'X-Goog-Iap-Jwt-Assertion',
      'X-Ms-Client-Principal',
      'Remote-User',
      'REMOTE_USER',
      'X-Remote-Group',
      'X-WebAuth-User',
      'Impersonate-User',
      'X-Forwarded-User',
      'X-Forwarded-Email',
      'X-Forwarded-Preferred-Username',
      'X-Forwarded-Access-Token',
      'Forwarded',
      'X-Forwarded-Port',
      'X-Forwarded-Server',
      'X-Forwarded-Uri',
      'X-Forwarded-Method',
      'X-Forwarded-Prefix',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'X_Forwarded_For',
      'X-Real-IP',
      'X-Original-Url',
      'X-Original-Uri',
      'X-Original-Method',
      'X-Rewrite-Url',
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      'X-Envoy-Original-Path',
      'X-Request-Id',
      'Proxy',
    ];
    assert.deepEqual(sent(names.flatMap((name) => [name, 'spoofed'])), ours);
  });

  it('drops a claim header of any name, however it is written', () => {
    const plan = { ...plainPlan, dropNames: new Set(['corp-user', 'corp.mail']) };
    assert.deepEqual(sent(['Corp-User', 'a', 'corp_user', 'b', 'CORP.USER', 'c', 'Corp.Mail', 'd', 'Corp-Users', 'e'], { plan }), [
      'Corp-Users',
      'e',
      ...ours,
    ]);
  });

  it('drops what is about one connection or one message', () => {
    const names = [
      'Keep-Alive',
      'Proxy-Connection',
      'TE',
      'Trailer',
      'Transfer-Encoding',
      'Transfer_Encoding',
      'Upgrade',
      'HTTP2-Settings',
    ];
    names.push('Expect', 'Content-Length', 'Proxy-Authorization', 'Host');
    assert.deepEqual(sent(names.flatMap((name) => [name, 'x'])), ours);
  });

  it('drops what Connection names, and lets it name nothing of ours', () => {
    const identity = ['X-Pomerium-Jwt-Assertion', 'token'];
    const headers = [
      'Connection',
      'close, X-Own, x-POMERIUM-jwt-assertion',
      'connection',
      'host, cookie, authorization, content-length, x-forwarded-for, x-forwarded-host, x-request-id',
      'X-Own',
      '1',
      'X-Other',
      '2',
      'Cookie',
      'theme=dark',
      'Authorization',
      'Basic eA==',
    ];
    assert.deepEqual(sent(headers, { identity }), [
      'X-Other',
      '2',
      'Cookie',
      'theme=dark',
      'Authorization',
      'Basic eA==',
      ...ours,
      ...identity,
    ]);
  });

  it('drops its own cookies and keeps the others byte for byte, in one field', () => {
    assert.deepEqual(valueOf(sent(['Cookie', 'a=_pomerium=1; _pomerium=secret;b="x y"']), 'Cookie'), ['a=_pomerium=1; b="x y"']);
    assert.deepEqual(valueOf(sent(['Cookie', 'a=1', 'cookie', '_pomerium_x=2', 'COOKIE', 'c=3']), 'Cookie'), ['a=1; c=3']);
    assert.deepEqual(valueOf(sent(['Cookie', '_pomerium=secret']), 'Cookie'), []);
  });

  it('drops credentials for itself and keeps those for the application', () => {
    for (const value of ['Pomerium abc', 'pomerium abc', 'Bearer Pomerium-abc', 'bearer  pomerium-abc'])
      assert.deepEqual(valueOf(sent(['Authorization', value]), 'Authorization'), []);
    for (const value of ['Basic eA==', 'Bearer abc', 'Bearer xPomerium-abc', 'PomeriumX abc'])
      assert.deepEqual(valueOf(sent(['Authorization', value]), 'Authorization'), [value]);
    assert.deepEqual(valueOf(sent(['Authorization', 'Basic eA==', 'authorization', 'Basic eQ==']), 'Authorization'), []);
  });

  it("appends the peer to the client's own list of addresses", () => {
    assert.deepEqual(valueOf(sent(['X-Forwarded-For', '1.2.3.4, 5.6.7.8', 'x-forwarded-for', 'junk']), 'X-Forwarded-For'), [
      '1.2.3.4, 5.6.7.8,junk,192.0.2.7',
    ]);
  });

  it("keeps the visitor's host when told to, in its canonical form", () => {
    const plan: HeaderPlan = { ...plainPlan, hostOf: ({ authority }) => writeAuthority(authority) };
    assert.deepEqual(valueOf(sent([], { plan, host: 'App.Example.:8443' }), 'Host'), ['app.example:8443']);
    assert.deepEqual(valueOf(sent([], { host: 'App.Example.:8443' }), 'X-Forwarded-Host'), ['app.example:8443']);
  });

  it('appends nobody to the list of addresses when it is not to, and then sends no empty list', () => {
    const plan = { ...plainPlan, forwardedFor: { append: false, trustedHops: 0 } };
    assert.deepEqual(valueOf(sent(['X-Forwarded-For', '1.2.3.4', 'x-forwarded-for', '5.6.7.8'], { plan }), 'X-Forwarded-For'), [
      '1.2.3.4,5.6.7.8',
    ]);
    assert.deepEqual(valueOf(sent(['X-Forwarded-For', ''], { plan }), 'X-Forwarded-For'), []);
  });

  it('copies what the client sent into a header of the route, and nothing that only the proxy may say or read', () => {
    const read = ['X-In', 'Cookie', 'Authorization', 'X-Pomerium-Claim-Email', 'X_Pomerium_Jwt', 'Corp-User', 'X-Real-Ip', 'X-None'];
    const set = read.map((name) => [`To-${name}`, `\${pomerium.request.headers["${name}"]}`] as const);
    const headers = ['X-In', 'a', 'x-in', 'b', 'Cookie', '_pomerium=secret; theme=dark', 'Authorization', 'Bearer Pomerium-x'];
    headers.push(
      'X-Pomerium-Claim-Email',
      'root',
      'X_Pomerium_Jwt',
      'x',
      'Corp-User',
      'root',
      'X-Real-IP',
      '192.0.2.9',
      'Connection',
      'X-In',
    );
    const plan = { ...plainPlan, dropNames: new Set(['corp-user']), set };
    assert.deepEqual(sent(headers, { plan }).slice(-16), [
      'To-X-In',
      'a,b',
      'To-Cookie',
      'theme=dark',
      'To-Authorization',
      '',
      'To-X-Pomerium-Claim-Email',
      '',
      'To-X_Pomerium_Jwt',
      '',
      'To-Corp-User',
      '',
      'To-X-Real-Ip',
      '192.0.2.9',
      'To-X-None',
      '',
    ]);
    assert.deepEqual(sent(['Authorization', 'Basic eA=='], { plan }).slice(-12, -10), ['To-Authorization', 'Basic eA==']);
  });

  it('keeps to itself who acts towards a Kubernetes API', () => {
    const plan: HeaderPlan = {
      ...plainPlan,
      dropNames: new Set(kubernetesNames),
      set: [
        ['authorization', 'Bearer of-the-route'],
        ['Impersonate-User', 'root'],
      ],
    };
    const headers = ['Authorization', 'Bearer own', 'Impersonate-User', 'root', 'Impersonate-Uid', '0', 'Impersonate-Extra-Scopes', 'all'];
    headers.push('impersonate_group', 'system:masters');
    const identity = kubernetesHeaders('secret', { email: 'alice@corp.test', groups: ['dev'] });
    assert.deepEqual(sent(headers, { plan }), ours);
    assert.deepEqual(sent(headers, { plan, identity }), [...ours, ...identity]);
  });

  it('lets a route set and remove, removing last', () => {
    const plan: HeaderPlan = {
      ...plainPlan,
      set: [
        ['X-Key', 'ours'],
        ['x-key', 'last'],
        ['X-Gone', 'never'],
        ['Authorization', 'Basic b3Vycw=='],
      ],
      remove: new Set(['x-gone', 'user-agent', 'x-forwarded-host']),
    };
    const headers = ['X-KEY', 'client', 'X-Gone', 'client', 'User-Agent', 'x', 'Authorization', 'Basic eA==', 'Accept', '*/*'];
    assert.deepEqual(sent(headers, { plan }), [
      'Accept',
      '*/*',
      ...ours.filter((_, index) => index !== 6 && index !== 7),
      'x-key',
      'last',
      'Authorization',
      'Basic b3Vycw==',
    ]);
  });

  it('lets no edit touch identity, hop-by-hop or framing headers', () => {
    const refused = ['X-Pomerium-Claim-Email', 'x_pomerium_claim_email', 'Connection', 'Content-Length', 'Transfer-Encoding', 'Host', 'TE'];
    refused.push('Corp-User', 'not a name');
    const identity = ['X-Pomerium-Claim-Email', 'alice@example.com', 'Corp-User', 'alice'];
    const set = refused.map((name) => [name, 'forged'] as const);
    const remove = new Set(refused.map((name) => name.toLowerCase()));
    const plan = { ...plainPlan, dropNames: new Set(['corp-user']), set, remove };
    assert.deepEqual(sent([], { plan: { ...plan, remove: new Set<string>() }, identity }), [...ours, ...identity]);
    assert.deepEqual(sent([], { plan: { ...plan, set: [] }, identity }), [...ours, ...identity]);
    assert.deepEqual(refused.map(isRouteEditable), [false, false, false, false, false, false, false, true, false]);
  });

  it('says who asks exactly once, whatever the client and the route say under the same names', () => {
    const identity = ['X-Custom-User', 'alice', 'X-Pomerium-Claim-Groups', ''];
    const headers = ['X-Custom-User', 'mallory', 'x-custom-user', 'mallory', 'X-Pomerium-Claim-Groups', 'admins'];
    const plan: HeaderPlan = { ...plainPlan, set: [['x-custom-user', 'mallory']] };
    assert.deepEqual(sent(headers, { identity }), [...ours, ...identity]);
    assert.deepEqual(sent(headers, { identity, plan }), [...ours, ...identity]);
  });

  it('says nothing about anybody when nobody is signed in', () => {
    const headers = ['X-Pomerium-Claim-Email', 'admin@example.com', 'X-Pomerium-Jwt-Assertion', 'x'];
    assert.deepEqual(sent(headers), ours);
  });

  it('frames an upgrade in its own words', () => {
    const headers = ['Connection', 'Upgrade, X-Pomerium-Jwt-Assertion', 'Upgrade', 'WebSocket, h2c', 'Sec-WebSocket-Key', 'k'];
    assert.deepEqual(sent(headers, { forUpgrade: true, identity: ['X-Pomerium-Jwt-Assertion', 't'] }), [
      'Sec-WebSocket-Key',
      'k',
      ...ours,
      'Connection',
      'Upgrade',
      'Upgrade',
      'websocket',
      'X-Pomerium-Jwt-Assertion',
      't',
    ]);
  });

  it('is not led astray by names that objects have of their own', () => {
    const headers = ['__proto__', '1', 'constructor', '2', 'toString', '3'];
    assert.deepEqual(sent(headers), [...headers, ...ours]);
  });

  it('judges a name the same after thousands of others', () => {
    const plan = { ...plainPlan };
    for (let index = 0; index < 2000; index += 1) sent([`X-Made-Up-${index}`, '1'], { plan });
    assert.deepEqual(sent(['Remote-User', 'root', `X-${'a'.repeat(500)}`, '1'], { plan }), [`X-${'a'.repeat(500)}`, '1', ...ours]);
  });

  it('runs its steps in the order that security rests on', () => {
    const names = requestSteps.map(({ name }) => name);
    assert.deepEqual([names[0], names.at(-1)], ['drop hop-by-hop', 'add identity']);
  });
});

function sent(
  headers: HeaderList,
  given: { readonly plan?: HeaderPlan; readonly identity?: HeaderList; readonly host?: string; readonly forUpgrade?: boolean } = {},
): HeaderList {
  const { plan = plainPlan, identity = [], host = 'app.example', forUpgrade = false } = given;
  return requestHeaders({
    inbound: inboundOf({ headers, host }),
    plan,
    endpoint: { host: 'up.internal:8000' },
    vouched: vouching(identity),
    forUpgrade,
  });
}

function valueOf(headers: HeaderList, name: string): readonly string[] {
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1] === name);
}
