import type { Arbitrary } from 'fast-check';
import { constantFrom, option, record } from 'fast-check';

/** A request that is put to `explain` and to a server alike; host names without the domain that every house has. */
export interface Asked {
  readonly method: string;
  readonly host: string;
  /** How the host is spelt in the request. */
  readonly spelt: 'plain' | (typeof oddSpellings)[number];
  readonly target: string;
  readonly headers: readonly string[];
  /** A certificate of the house; empty: none. */
  readonly certificate: (typeof certificates)[number];
  /** Undefined: the host's own name; empty: none. */
  readonly sni: string | undefined;
  readonly person: 'nobody' | 'alice' | 'bob';
}

const targets = [
  '/',
  '/a',
  '/a/b',
  '/a/../b',
  '//a',
  '/%61',
  '/%2e%2e/a',
  '/a%2Fb',
  '/a%2f..%2Fb',
  '/a%5Cb',
  '/a%00',
  '/a%7f',
  '/a\\b',
  '/a#b',
  '/a%zz',
  '/ż',
  '/%C5%bc',
  '/A',
  '/a;b',
  '/a?x=/../y%2F',
  '\\a',
  '#a',
  '/robots.txt',
  '/ping',
  '/.pomerium/',
  '/.pomerium/user',
  '/.pomerium/nothing',
  '/.pomerium/sign_in?pomerium_redirect_uri=x',
  '/.well-known/pomerium/jwks.json',
  '/.pomerium/../a',
  '/.pomerium%2fuser',
];

// What the routes of these hosts are for.
const ownTargets: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'rewrite',
    [
      '/prefix/a/b?c',
      '/prefix/../prefix/a',
      '/prefix/',
      '/regex/abc/d',
      '/regex/ABC',
      '/below/x',
      '/below/%C5%bc',
      '/named/x',
      '/tenant/one/x',
      '/tenant/one-/x',
      '/token/x',
      '/away/x?y',
      '/elsewhere/x?y',
      '/gone',
      '/prefix%2fa',
    ],
  ],
  ['desk', ['/claims/x', '/cors/x', '/cluster/x', '/dated/x']],
]);

const headers: readonly (readonly string[])[] = [
  [],
  ['Accept: text/html'],
  ['Accept: application/json'],
  ['Accept: text/html;q=0.1, text/plain'],
  ['Accept: image/png'],
  ['Content-Type: application/grpc'],
  ['Sec-Fetch-Mode: cors'],
  ['X-Requested-With: XMLHttpRequest'],
  ['X_Under: 1', 'X-Mine: 1'],
  ['x_email: forged@example.com'],
  ['X-Mine: 1', 'X-mine: 2', 'X-Named: ż.internal'],
  ['X-Named: named.internal:81'],
  ['Authorization: Pomerium x'],
  ['Authorization: Bearer theirs'],
  ['Cookie: theirs=1; more=2'],
  ['Origin: https://other.test', 'Access-Control-Request-Method: PUT'],
  ['X-Email: forged@example.com', 'X-Pomerium-Jwt-Assertion: forged', 'Client-Cert: forged', 'X-Pomerium-Claim-Email: forged'],
  ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Host: evil.test', 'X-Forwarded-Proto: http', 'Forwarded: for=203.0.113.9'],
  ['Impersonate-User: root', 'User-Agent: mine', 'Referer: https://other.test/'],
  ['Host: other.postern.test'],
  ['Connection: X-Mine, X-Email', 'X-Mine: 1', 'TE: trailers', 'Max-Forwards: 3'],
  ['Expect: nothing'],
];

const socket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
const upgrades: readonly (readonly string[])[] = [
  socket,
  [...socket, 'Sec-WebSocket-Protocol: chat', 'Origin: https://other.test', 'Cookie: theirs=1'],
  ['Connection: Upgrade', 'Upgrade: websocket'],
  ['Connection: Upgrade', 'Upgrade: SPDY/3.1'],
  ['Connection: Upgrade', 'Upgrade: h2c'],
];

const oddSpellings = ['upper', 'dotted', 'other port', 'no port', 'port 443', 'bad port', 'nothing'] as const;
const certificates = ['', 'alice', 'ofB', 'ofSameName', 'expired'] as const;

/** Requests of every kind to some of these hosts; what is odd about one is drawn apart from what is odd about another. */
export function askedRequests(hosts: readonly string[]): Arbitrary<Asked> {
  return record({
    method: constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'),
    host: constantFrom(...hosts),
    spelt: constantFrom('plain', 'plain', 'plain', 'plain', 'plain', 'plain', ...oddSpellings),
    target: constantFrom(...targets),
    own: option(constantFrom(...Array(60).keys()), { nil: undefined, freq: 2 }),
    headers: constantFrom(...headers, ...upgrades),
    certificate: constantFrom(...certificates),
    sni: option(constantFrom('', ...hosts), { nil: undefined, freq: 4 }),
    person: constantFrom('nobody', 'alice', 'bob'),
  }).map(({ own, ...asked }) => {
    const targetsOfHost = ownTargets.get(asked.host);
    return own === undefined || targetsOfHost === undefined
      ? asked
      : { ...asked, target: targetsOfHost[own % targetsOfHost.length] ?? '/' };
  });
}

/** The same requests with what the configuration may be asked to read in another way, in turn, and little else that refuses them. */
export function differentlyRead(drawn: readonly Asked[]): readonly Asked[] {
  const escaped = ['/a%2Fb', '/prefix/a%5cb', '/prefix//a//b', '/a%2f..%2Fb', '/below//b', '/.pomerium%2fuser', '//a'];
  return drawn.map((asked, index) => {
    const plain = { ...asked, person: 'nobody', sni: undefined } as const;
    switch (index % 3) {
      case 0:
        return { ...plain, method: 'GET', spelt: 'plain', target: escaped[(index / 3) % escaped.length] ?? '/' };
      case 1:
        return {
          ...plain,
          method: 'GET',
          host: 'rewrite',
          spelt: 'plain',
          target: '/prefix/a',
          headers: ['X_Under: 1', 'x_email: forged@example.com', 'X-Forwarded-For: 203.0.113.9'],
        };
      default:
        return plain;
    }
  });
}

/** The `Host` of a request, as its spelling has it. */
export function authorityOf({ host, spelt }: Pick<Asked, 'host' | 'spelt'>, port: number): string {
  const name = `${host}.postern.test`;
  switch (spelt) {
    case 'plain':
      return `${name}:${port}`;
    case 'upper':
      return `${name.toUpperCase()}:${port}`;
    case 'dotted':
      return `${name}.:${port}`;
    case 'other port':
      return `${name}:8444`;
    case 'no port':
      return name;
    case 'port 443':
      return `${name}:443`;
    case 'bad port':
      return `${name}:port`;
    case 'nothing':
      return '';
  }
}
