import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Admission } from '../src/admit.ts';
import { admit, connectionFits, factsOf } from '../src/admit.ts';
import type { WhoAsks } from '../src/ask-who.ts';
import type { Connection, PresentedCertificate } from '../src/http/connection.ts';
import type { Inbound } from '../src/http/inbound.ts';
import { parseHostname } from '../src/http/hostname.ts';
import type { SessionLookup } from '../src/identity/create-identity.ts';
import type { Person } from '../src/identity/person.ts';
import type { Permit } from '../src/policy/decide.ts';
import { isPermit } from '../src/policy/decide.ts';
import type { Snapshot } from '../src/snapshot.ts';
import { inboundOf } from './upstream/example-request.ts';
import type { Pki } from './walk/pki.ts';
import { makePki } from './walk/pki.ts';
import { snapshotOf } from './walk/program.ts';

const config = `
authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: postern
idp_client_secret: secret
routes:
  - {name: open, from: https://open.corp.test, to: "http://127.0.0.1:9", allow_public_unauthenticated_access: true}
  - {name: desk, from: https://desk.corp.test, to: "http://127.0.0.1:9", allowed_domains: [corp.test]}
  - {name: closed, from: https://closed.corp.test, to: "http://127.0.0.1:9", policy: {allow: {or: [{reject: true}]}}}
  - {name: a, from: https://a.corp.test, to: "http://127.0.0.1:9", allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: b, from: https://b.corp.test, to: "http://127.0.0.1:9", allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ca-b.pem}
  - {name: both, from: https://both.corp.test, to: "http://127.0.0.1:9", allow_any_authenticated_user: true, tls_downstream_client_ca_file: ca-a.pem}
  - {name: base, from: https://base.corp.test, to: "http://127.0.0.1:9", allow_public_unauthenticated_access: true, prefix: /app, prefix_rewrite: /base/, allow_websockets: true}
  - {name: moved, from: https://moved.corp.test, redirect: {prefix_rewrite: /base/}, prefix: /app, allow_any_authenticated_user: true}
  - {name: any, from: "https://*.corp.test", to: "http://127.0.0.1:9", allow_public_unauthenticated_access: true, prefix: /any}
`;
const now = Date.now();
const alice: Person = {
  id: 'alice',
  email: 'alice@corp.test',
  name: undefined,
  claims: new Map(),
  sessionId: 's',
  expiresAt: now + 60_000,
};
const browser = ['Accept', 'text/html'];

interface Asked {
  readonly host?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  /** The name in the handshake; the request's host when left out, none when empty. */
  readonly sni?: string;
  readonly certificate?: keyof Pki;
  readonly person?: Person;
  readonly upgrade?: string;
  readonly tlsVerdict?: string;
}

function asking(lookup: SessionLookup): WhoAsks {
  return { session: () => lookup, binding: () => undefined, account: () => ({ kind: 'none' }) };
}

describe('admit()', () => {
  let snapshot: Snapshot;
  let pki: Pki;

  before(async () => {
    pki = await makePki();
    snapshot = await snapshotOf(config, { pki, at: now });
  });

  after(() => snapshot[Symbol.asyncDispose]());

  function inbound({
    host = 'open.corp.test',
    target = '/',
    headers = browser,
    sni = host,
    certificate,
    upgrade,
    tlsVerdict,
  }: Asked): Inbound {
    const presented: PresentedCertificate =
      certificate === undefined ? { kind: 'none' } : { kind: 'presented', leaf: pki[certificate].certificate, chain: [], tlsVerdict };
    const hostname = sni === '' ? undefined : parseHostname(sni);
    const { id, asks } = snapshot.groups.groupFor(hostname);
    const connection: Connection = { ...inboundOf().connection, sniRaw: sni, hostname, group: id, asked: asks, certificate: presented };
    return inboundOf({ host, target, headers, upgrade, connection, receivedAt: now });
  }

  const walk = (asked: Asked): Admission => {
    const who = asking(asked.person === undefined ? { kind: 'nobody' } : { kind: 'person', person: asked.person });
    return admit(inbound(asked), snapshot, who);
  };

  /** Way out, status, decision, reasons, route or endpoint: as one line of a table. */
  function outcome(asked: Asked): string {
    const admission = walk(asked);
    if (admission.kind === 'wait') return 'wait';
    const { decision, reasons, route, endpoint } = admission.trace;
    const status = admission.kind === 'reply' ? ` ${admission.reply.status}` : '';
    return `${admission.kind}${status} ${decision} [${reasons.join(' ')}] ${route?.label ?? endpoint?.name ?? '-'}`;
  }

  const table: readonly (readonly [name: string, asked: Asked, outcome: string])[] = [
    ['forwards what the policy allows', {}, 'forward allow [accept] open'],
    ['forwards whom the policy allows', { host: 'desk.corp.test', person: alice }, 'forward allow [domain-ok] desk'],
    ['sends a stranger to sign in', { host: 'desk.corp.test' }, 'reply 302 sign-in [user-unauthenticated] desk'],
    [
      'tells a program to authenticate',
      { host: 'desk.corp.test', headers: ['Accept', 'application/json'] },
      'reply 401 sign-in [user-unauthenticated] desk',
    ],
    ['tells a socket to authenticate', { host: 'desk.corp.test', upgrade: 'websocket' }, 'reply 401 sign-in [user-unauthenticated] desk'],
    ['denies whom the policy denies', { host: 'closed.corp.test', person: alice }, 'reply 403 deny [reject] closed'],
    ['denies a socket where none is allowed', { upgrade: 'websocket' }, 'reply 403 deny [upgrade-not-allowed] open'],
    ['tells crawlers nothing but no', { host: 'closed.corp.test', target: '/robots.txt' }, 'reply 200 deny [reject] closed'],
    [
      'tells crawlers no instead of where to sign in',
      { host: 'desk.corp.test', target: '/robots.txt' },
      'reply 200 sign-in [user-unauthenticated] desk',
    ],
    ['forwards a path that is rewritten', { host: 'base.corp.test', target: '/app/x' }, 'forward allow [accept] base'],
    [
      'refuses a path that would be rewritten to another than was judged',
      { host: 'base.corp.test', target: '/app../x' },
      'reply 400 bad-request [path-invalid] base',
    ],
    [
      'refuses a socket with such a path',
      { host: 'base.corp.test', target: '/app../x', upgrade: 'websocket' },
      'reply 400 bad-request [path-invalid] base',
    ],
    ['redirects whom the policy allows', { host: 'moved.corp.test', target: '/app/x', person: alice }, 'reply 301 allow [user-ok] moved'],
    ['redirects nobody before that', { host: 'moved.corp.test', target: '/app/x' }, 'reply 302 sign-in [user-unauthenticated] moved'],
    [
      'redirects nobody to a path that is none',
      { host: 'moved.corp.test', target: '/app..', person: alice },
      'reply 400 bad-request [path-invalid] moved',
    ],
    ['finds no route for a host that nobody named', { host: 'corp.test' }, 'reply 404 not-found [route-not-found] -'],
    ['finds no route for another path', { host: 'x.corp.test', target: '/other' }, 'reply 404 not-found [route-not-found] -'],
    ['serves no route on the authenticate host', { host: 'auth.corp.test', target: '/any' }, 'reply 404 not-found [route-not-found] -'],
    ['serves own endpoints before every route', { target: '/.pomerium/' }, 'own own [user-unauthenticated] /.pomerium/'],
    ['reads no session for those that need none', { target: '/ping', person: alice }, 'own own [] /ping'],
    ['serves endpoints that need somebody to somebody', { target: '/.pomerium/user', person: alice }, 'own own [] /.pomerium/user'],
    ['sends strangers from them to sign in', { target: '/.pomerium/user' }, 'reply 302 own [user-unauthenticated] /.pomerium/user'],
    [
      'sends nobody from the authenticate host to itself',
      { host: 'auth.corp.test', target: '/.pomerium/user' },
      'reply 401 own [user-unauthenticated] /.pomerium/user',
    ],
    ['admits a good certificate', { host: 'a.corp.test', certificate: 'alice' }, 'forward allow [accept] a'],
    ['refuses none', { host: 'a.corp.test' }, 'reply 495 deny [client-certificate-required] a'],
    ['refuses a bad one', { host: 'a.corp.test', certificate: 'ofSameName' }, 'reply 495 deny [invalid-client-certificate] a'],
    ['judges the certificate before anybody signs in', { host: 'both.corp.test' }, 'reply 495 deny [client-certificate-required] both'],
    ['then asks who it is', { host: 'both.corp.test', certificate: 'alice' }, 'reply 302 sign-in [user-unauthenticated] both'],
    ['and lets them in', { host: 'both.corp.test', certificate: 'alice', person: alice }, 'forward allow [user-ok] both'],
    [
      'refuses what the TLS layer found fault with',
      { host: 'a.corp.test', certificate: 'alice', tlsVerdict: 'CERT_REVOKED' },
      'reply 495 deny [invalid-client-certificate] a',
    ],
    [
      'misdirects from a host that asks for none',
      { host: 'a.corp.test', sni: 'open.corp.test', certificate: 'alice' },
      'reply 421 misdirected [] a',
    ],
    ['misdirects between authorities', { host: 'b.corp.test', sni: 'a.corp.test', certificate: 'ofB' }, 'reply 421 misdirected [] b'],
    ['misdirects without a name in the handshake', { host: 'a.corp.test', sni: '' }, 'reply 421 misdirected [] a'],
    ['serves a host that asks for none on every connection', { sni: 'a.corp.test', certificate: 'expired' }, 'forward allow [accept] open'],
    [
      'serves own endpoints on every connection',
      { host: 'a.corp.test', sni: 'open.corp.test', target: '/.pomerium/' },
      'own own [user-unauthenticated] /.pomerium/',
    ],
    [
      'but not those that need a session',
      { host: 'a.corp.test', sni: 'open.corp.test', target: '/.pomerium/user', person: alice },
      'reply 421 misdirected [] /.pomerium/user',
    ],
  ];
  for (const [name, asked, expected] of table) it(name, () => assert.equal(outcome(asked), expected));

  function permitOf(asked: Asked): Permit {
    const admission = walk(asked);
    return admission.kind === 'forward' ? admission.permit : assert.fail(admission.kind);
  }

  it('waits for a session that has to be read, once everything else was looked at', () => {
    const until = Promise.resolve();
    const loading = asking({ kind: 'loading', until });
    assert.deepEqual(admit(inbound({ host: 'desk.corp.test' }), snapshot, loading), { kind: 'wait', until });
    assert.deepEqual(admit(inbound({ target: '/.pomerium/' }), snapshot, loading), { kind: 'wait', until });
    assert.equal(admit(inbound({ target: '/ping' }), snapshot, loading).kind, 'own');
    assert.equal(admit(inbound({ host: 'nobody.test' }), snapshot, loading).kind, 'reply');
    assert.equal(admit(inbound({ host: 'a.corp.test', sni: 'b.corp.test' }), snapshot, loading).kind, 'reply');
  });

  /** What becomes of a request that shows a token which does not count. */
  function told(credential: 'session-token' | 'bearer-token', asked: Asked): string {
    const admission = admit(inbound(asked), snapshot, asking({ kind: 'refused', credential }));
    if (admission.kind === 'wait') return 'wait';
    const { decision, reasons, person } = admission.trace;
    const status = admission.kind === 'reply' ? admission.reply.status : 'none';
    return [admission.kind, status, decision, reasons.join(), person?.id ?? 'nobody'].join(' ');
  }

  it('tells whoever showed a token that it does not count, where somebody is needed, and redirects nobody', () => {
    assert.deepEqual(
      [
        told('session-token', { host: 'desk.corp.test' }),
        told('bearer-token', { host: 'desk.corp.test' }),
        told('session-token', { target: '/.pomerium/user' }),
        told('bearer-token', { target: '/.pomerium/user' }),
        told('session-token', {}),
        told('bearer-token', {}),
        told('bearer-token', { host: 'closed.corp.test' }),
        told('session-token', { target: '/.pomerium/' }),
      ],
      [
        'reply 401 sign-in user-unauthenticated nobody',
        'reply 403 deny bearer-token-invalid nobody',
        'reply 401 own user-unauthenticated nobody',
        'reply 403 deny bearer-token-invalid nobody',
        'forward none allow accept nobody',
        'forward none allow accept nobody',
        'reply 403 deny reject nobody',
        'own none own user-unauthenticated nobody',
      ],
    );
  });

  it('gives a permit for one route and one target, that ends with the session or the certificate', () => {
    const permit = permitOf({ host: 'desk.corp.test', target: '/a/../b?x', person: alice });
    assert.deepEqual(
      [isPermit(permit), permit.routeId, permit.path, permit.query, permit.validUntil],
      [true, '1', '/b', '?x', alice.expiresAt],
    );
    assert.equal(permitOf({}).validUntil, Infinity);
    const certified = permitOf({ host: 'a.corp.test', certificate: 'alice' });
    assert.equal(certified.validUntil, pki.alice.certificate.validToDate.getTime());
    assert.equal(permitOf({ host: 'both.corp.test', certificate: 'alice', person: alice }).validUntil, alice.expiresAt);
  });

  it('tells both sides of the policy and the verdict, whatever was decided', () => {
    const admission = walk({ host: 'a.corp.test', certificate: 'expired' });
    assert.ok(admission.kind === 'reply');
    const { policy, certificate, person } = admission.trace;
    assert.deepEqual(
      [policy?.allow, policy?.deny, certificate?.kind === 'invalid' && certificate.detail, person],
      [{ result: true, reasons: ['accept'] }, { result: true, reasons: ['invalid-client-certificate'] }, 'expired', undefined],
    );
  });
});

describe('connectionFits()', () => {
  it('does not believe a connection that was opened before anything was asked', async () => {
    const pki = await makePki();
    await using snapshot = await snapshotOf(config, { pki });
    const hostname = parseHostname('a.corp.test');
    const { id } = snapshot.groups.groupFor(hostname);
    const connection: Connection = { ...inboundOf().connection, hostname, group: id, asked: false };
    const fits = (given: Partial<Connection>): boolean =>
      connectionFits(inboundOf({ host: 'a.corp.test', connection: { ...connection, ...given } }), snapshot);
    assert.deepEqual(
      [fits({}), fits({ asked: true }), fits({ asked: true, hostname: parseHostname('b.corp.test') })],
      [false, true, false],
    );
  });
});

function isPreflight(method: string, headers: readonly string[]): boolean {
  return factsOf(inboundOf({ method, headers }), undefined, { kind: 'no-authority' }).corsPreflight;
}

describe('factsOf()', () => {
  it('tells a preflight from other requests of that method', () => {
    const both = ['Origin', 'https://app.corp.test', 'Access-Control-Request-Method', 'PUT'];
    assert.deepEqual(
      [isPreflight('OPTIONS', both), isPreflight('GET', both), isPreflight('OPTIONS', both.slice(0, 2)), isPreflight('OPTIONS', [])],
      [true, false, false, false],
    );
  });
});
