import { judgeCertificate } from './certificate/judge-certificate.ts';
import type { CertificateVerdict } from './certificate/verdict.ts';
import type { BearerSettings } from './config/bearer-settings.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { findEndpoint } from './endpoints/find-endpoint.ts';
import { isPreflight } from './endpoints/preflight.ts';
import { isCrossSiteChange } from './http/cross-site.ts';
import type { Inbound } from './http/inbound.ts';
import type { Reply } from './http/reply.ts';
import type { SessionLookup } from './identity/create-identity.ts';
import type { Person } from './identity/person.ts';
import type { Permit } from './policy/decide.ts';
import { decide } from './policy/decide.ts';
import type { Facts } from './policy/facts.ts';
import { refusalReply, signInReply } from './replies.ts';
import { matchRoute } from './route/route-table.ts';
import type { Route, Snapshot } from './snapshot.ts';
import type { Trace } from './trace.ts';
import type { UpstreamRoute } from './upstream/upstream-route.ts';
import { upstreamPath } from './upstream/upstream-target.ts';

export type Admission =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly trace: Trace }
  | { readonly kind: 'own'; readonly endpoint: Endpoint; readonly trace: Trace }
  | { readonly kind: 'forward'; readonly permit: Permit; readonly route: Route; readonly upstream: UpstreamRoute; readonly trace: Trace }
  /** A session has to be read first: wait, then walk again, once. */
  | { readonly kind: 'wait'; readonly until: Promise<void> };

/** `bearer` says which bearer tokens count where the request goes. */
export type WhoAsks = (inbound: Inbound, bearer: BearerSettings) => SessionLookup;

/**
 * The walk: own endpoint? → route → does the connection fit? → certificate → who asks → may they. Synchronous and free of
 * I/O; the same for requests, upgrades and `explain`. Draw a change of it in docs/life-of-a-request.md too.
 */
export function admit(inbound: Inbound, snapshot: Snapshot, whoAsks: WhoAsks): Admission {
  const isAuthenticateHost = snapshot.isAuthenticateHost(inbound.authority);
  const endpoint = findEndpoint({ path: inbound.path, isAuthenticateHost, flags: snapshot.settings.runtimeFlags });
  if (endpoint !== undefined) return admitToEndpoint(endpoint, inbound, snapshot, whoAsks);

  // The authenticate host serves itself alone, also where a wildcard route would cover its name.
  const route = isAuthenticateHost ? undefined : matchRoute(snapshot.routes, inbound.authority, inbound.path);
  if (route === undefined) return refuse(inbound, seen({ decision: 'not-found', reasons: ['route-not-found'] }));
  if (!connectionFits(inbound, snapshot)) return refuse(inbound, seen({ decision: 'misdirected', reasons: [], route }));

  const certificate = certificateVerdict(inbound, snapshot, route);
  const who = whoAsks(inbound, route.settings.bearer);
  if (who.kind === 'loading') return { kind: 'wait', until: who.until };
  const person = who.kind === 'person' ? who.person : undefined;
  const decision = decide(route.policy, factsOf(inbound, person, certificate), purposeOf(inbound, route, person, certificate));
  const trace = seen({ decision: decision.kind, reasons: decision.reasons, route, certificate, person, policy: decision });
  switch (decision.kind) {
    case 'sign-in':
      return askToSignIn(inbound, snapshot, who, trace);
    case 'deny':
      return refuse(inbound, trace);
    case 'allow':
      if (isForged(inbound, route, certificate)) return refuse(inbound, { ...trace, decision: 'deny', reasons: ['cross-site-request'] });
      return carryOut(route, decision.permit, inbound, trace);
  }
}

/** Whoever showed a token is told that it doesn't count: a program would take the page of the sign-in for an answer. */
function askToSignIn(inbound: Inbound, snapshot: Snapshot, who: SessionLookup, trace: Trace): Admission {
  if (who.kind !== 'refused') return { kind: 'reply', reply: signInReply(inbound, snapshot), trace };
  if (who.credential === 'session-token') return refuse(inbound, trace);
  return refuse(inbound, { ...trace, decision: 'deny', reasons: ['bearer-token-invalid'] });
}

/**
 * Whether the page of another site asks in its visitor's name (CSRF). A session's cookie can have `SameSite` against that; a client certificate
 * goes along with whatever the browser sends. So it counts where the certificate alone lets somebody in, and only there.
 */
function isForged(inbound: Inbound, { policy, settings, id }: Route, certificate: CertificateVerdict): boolean {
  if (certificate.kind !== 'valid' || settings.allowCrossSite || !isCrossSiteChange(inbound)) return false;
  const byCertificate = factsOf(inbound, undefined, certificate);
  const purpose = { routeId: id, path: inbound.path, query: inbound.query, validUntil: 0 };
  const lets = (facts: Facts): boolean => decide(policy, facts, purpose).kind === 'allow';
  return lets(byCertificate) && !lets({ ...byCertificate, certificate: { kind: 'none' } });
}

function carryOut(route: Route, permit: Permit, inbound: Inbound, trace: Trace): Admission {
  const { action } = route;
  if (inbound.upgrade !== undefined && !(action.kind === 'forward' && allowsUpgrade(action.upstream, inbound.upgrade)))
    return refuse(inbound, { ...trace, decision: 'deny', reasons: ['upgrade-not-allowed'] });
  if (action.kind === 'reply') {
    const reply = action.reply(inbound);
    return reply === undefined ? refuse(inbound, withoutPath(trace)) : { kind: 'reply', reply, trace };
  }
  if (upstreamPath(action.upstream, inbound) === undefined) return refuse(inbound, withoutPath(trace));
  return { kind: 'forward', permit, route, upstream: action.upstream, trace };
}

/** The route would make another path of it than the one that was judged, or none. Both sides of the policy stay told. */
function withoutPath(trace: Trace): Trace {
  return { ...trace, decision: 'bad-request', reasons: ['path-invalid'] };
}

function allowsUpgrade({ upgrades }: UpstreamRoute, token: string): boolean {
  const allowed: ReadonlySet<string> = upgrades;
  return allowed.has(token);
}

function admitToEndpoint(endpoint: Endpoint, inbound: Inbound, snapshot: Snapshot, whoAsks: WhoAsks): Admission {
  if (!endpoint.usesPerson) return { kind: 'own', endpoint, trace: seen({ decision: 'own', reasons: [], endpoint }) };
  if (endpoint.needsSession && !connectionFits(inbound, snapshot))
    return refuse(inbound, seen({ decision: 'misdirected', reasons: [], endpoint }));
  const who = whoAsks(inbound, bearerOfPages(inbound, snapshot));
  if (who.kind === 'loading') return { kind: 'wait', until: who.until };
  const person = who.kind === 'person' ? who.person : undefined;
  const trace = seen({ decision: 'own', reasons: person === undefined ? ['user-unauthenticated'] : [], endpoint, person });
  if (endpoint.needsSession && person === undefined) return askToSignIn(inbound, snapshot, who, trace);
  return { kind: 'own', endpoint, trace };
}

/**
 * Which bearer tokens count on our own pages: those of the top level, as far as a route of this host takes them too. One page gives assertions
 * for the host away, and nobody gets one with a token that the host takes nowhere.
 */
function bearerOfPages({ authority }: Inbound, { settings: { bearer }, hosts }: Snapshot): BearerSettings {
  if (bearer.format === 'default') return bearer;
  const taken = hosts
    .matchAuthority(authority)
    .flatMap(({ settings }) => (settings.bearer.format === bearer.format ? settings.bearer : []));
  if (taken.length === 0) return { ...bearer, format: 'default' };
  const isAnyIssuer = taken.some(({ issuers }) => issuers === undefined);
  return {
    format: bearer.format,
    audiences: taken.flatMap(({ audiences }) => audiences),
    issuers: isAnyIssuer ? undefined : taken.flatMap(({ issuers }) => issuers ?? []),
  };
}

/**
 * SNI chose what was asked in the handshake; the host of the request says what is needed. A host that asks for
 * a certificate is served only on a connection of its own group, both looked up in this request's snapshot: HTTP/2
 * coalescing, domain fronting and handshakes without SNI all end here.
 */
export function connectionFits(inbound: Inbound, snapshot: Snapshot): boolean {
  const needed = snapshot.groups.groupFor(inbound.authority.hostname);
  if (!needed.asks) return true;
  // A connection older than the CA was never asked; 421 makes the client open another one, which will be.
  return inbound.connection.asked && snapshot.groups.groupFor(inbound.connection.hostname).id === needed.id;
}

/** What the certificate of this connection is worth to a route; `explain` tells it also where the walk ends before it. */
export function certificateVerdict(inbound: Inbound, snapshot: Snapshot, route: Route): CertificateVerdict {
  const { certificate, group } = inbound.connection;
  const verdict = judgeCertificate(certificate, route.trust, inbound.receivedAt);
  if (verdict.kind !== 'valid' || certificate.kind !== 'presented' || certificate.tlsVerdict === undefined) return verdict;
  // The TLS layer judged over the CA set of its group. Where that is still the set of this host and it found a fault that
  // our judge did not, two readers disagree about one certificate: refuse, and say which.
  if (group !== snapshot.groups.groupFor(inbound.authority.hostname).id) return verdict;
  const explanation = `the TLS layer refuses the certificate: ${certificate.tlsVerdict}`;
  return { kind: 'invalid', detail: 'unknown-ca', explanation, leaf: verdict.leaf };
}

/** What the policy of a route is asked about. */
export function factsOf(inbound: Inbound, person: Person | undefined, certificate: CertificateVerdict): Facts {
  const { method, path, connection, receivedAt } = inbound;
  return { method, path, sourceIp: connection.remoteAddress, corsPreflight: isPreflight(inbound), at: receivedAt, person, certificate };
}

/** The right to what is permitted ends with the session or the certificate that earned it, whichever ends first. */
function purposeOf(
  inbound: Inbound,
  route: Route,
  person: Person | undefined,
  certificate: CertificateVerdict,
): Parameters<typeof decide>[2] {
  const certificateEnds = certificate.kind === 'valid' ? certificate.validUntil : Infinity;
  const validUntil = Math.min(person?.expiresAt ?? Infinity, certificateEnds);
  return { routeId: route.id, path: inbound.path, query: inbound.query, validUntil };
}

function refuse(inbound: Inbound, trace: Trace): Admission {
  return { kind: 'reply', reply: refusalReply(inbound, trace), trace };
}

function seen(found: Pick<Trace, 'decision' | 'reasons'> & Partial<Trace>): Trace {
  return { route: undefined, endpoint: undefined, certificate: undefined, person: undefined, policy: undefined, ...found };
}
