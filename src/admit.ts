import type { Asker, KnownAsker, WhoAsks } from './ask-who.ts';
import { askWho } from './ask-who.ts';
import { certificateHeaders } from './certificate-headers.ts';
import type { CertificateTrust } from './certificate/certificate-trust.ts';
import { judgeCertificate } from './certificate/judge-certificate.ts';
import type { CertificateVerdict } from './certificate/verdict.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { findEndpoint } from './endpoints/find-endpoint.ts';
import { isPreflight } from './endpoints/preflight.ts';
import { isCrossSiteChange } from './http/cross-site.ts';
import type { Inbound } from './http/inbound.ts';
import type { Reply } from './http/reply.ts';
import type { SessionLookup } from './identity/create-identity.ts';
import type { Person } from './identity/person.ts';
import { pageAsRoute } from './page-as-route.ts';
import type { Permit } from './policy/decide.ts';
import { decide } from './policy/decide.ts';
import type { Facts } from './policy/facts.ts';
import { refusalOfAsker, refusalOfPage } from './refusal-of-asker.ts';
import { refusalReply, signInReply } from './replies.ts';
import { matchRoute } from './route/route-table.ts';
import type { Route, Snapshot } from './snapshot.ts';
import type { Trace } from './trace.ts';
import type { UpstreamRoute } from './upstream/upstream-route.ts';
import { upstreamPath } from './upstream/upstream-target.ts';
import { visitorOf } from './visitor-connection.ts';

export type Admission =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly trace: Trace }
  | { readonly kind: 'own'; readonly endpoint: Endpoint; readonly trace: Trace }
  | { readonly kind: 'forward'; readonly permit: Permit; readonly route: Route; readonly upstream: UpstreamRoute; readonly trace: Trace }
  /** A session has to be read first, or an authority asked: wait, then walk again. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> };

/**
 * The walk: own endpoint? → route → does the connection fit? → certificate → who asks → may they. Synchronous and free of
 * I/O; the same for requests, upgrades and `explain`. Draw a change of it in docs/life-of-a-request.md too.
 */
export function admit(asked: Inbound, snapshot: Snapshot, whoAsks: WhoAsks): Admission {
  const inbound = visitorOf(asked, snapshot);
  if (inbound === undefined) return refuse(seen(asked, { decision: 'bad-request', reasons: ['client-certificate-header'] }));
  const isAuthenticateHost = snapshot.isAuthenticateHost(inbound.authority);
  const isCertificateHost = snapshot.isCertificateHost(inbound.authority);
  const endpoint = findEndpoint({ path: inbound.path, isAuthenticateHost, isCertificateHost, flags: snapshot.settings.runtimeFlags });
  if (endpoint !== undefined) return admitToEndpoint(endpoint, inbound, snapshot, whoAsks);

  // The authenticate host and the certificate host serve themselves alone, also where a wildcard route would cover their names.
  const route = isAuthenticateHost || isCertificateHost ? undefined : matchRoute(snapshot.routes, inbound.authority, inbound.path);
  if (route === undefined) return refuse(seen(inbound, { decision: 'not-found', reasons: ['route-not-found'] }));
  if (!connectionFits(inbound, snapshot)) return refuse(seen(inbound, { decision: 'misdirected', reasons: [], route }));

  const { trust } = route;
  const certificate = certificateVerdict(inbound, snapshot, trust);
  const asker = withRevocation(askWho(inbound, route, certificate, whoAsks), askRevocation(certificate, trust));
  return asker.kind === 'wait' ? asker : judge({ inbound, snapshot, route, certificate, asker });
}

interface Case {
  readonly inbound: Inbound;
  readonly snapshot: Snapshot;
  readonly route: Route;
  readonly certificate: CertificateVerdict;
  readonly asker: KnownAsker;
}

function judge({ inbound, snapshot, route, certificate, asker }: Case): Admission {
  const { person, mapping } = asker;
  const decision = decide(route.policy, factsOf(inbound, person, certificate), purposeOf(inbound, route, person, certificate));
  const refusal = refusalOfAsker(decision, route, certificate, asker);
  const trace = seen(inbound, {
    decision: decision.kind,
    reasons: decision.reasons,
    route,
    certificate,
    person,
    mapping,
    policy: decision,
  });
  if (refusal !== undefined) return refuse({ ...trace, decision: 'deny', reasons: [refusal] });
  switch (decision.kind) {
    case 'sign-in':
      return askToSignIn(snapshot, asker.session, trace);
    case 'deny':
      return refuse(trace);
    case 'allow':
      if (isForged(inbound, route, certificate, asker)) return refuse({ ...trace, decision: 'deny', reasons: ['cross-site-request'] });
      return carryOut(route, decision.permit, trace);
  }
}

/** Answers that are missing are fetched once the certificate has proven everything else about itself. */
function askRevocation(certificate: CertificateVerdict | undefined, trust: CertificateTrust | undefined): Promise<unknown> | undefined {
  const network = trust?.revocation?.network;
  if (certificate?.kind !== 'invalid' || certificate.unasked === undefined || network === undefined) return undefined;
  return Promise.all(certificate.unasked.map((question) => network.ask(question)));
}

/** One wait for all of it. */
function withRevocation(asker: Asker, revocation: Promise<unknown> | undefined): Asker {
  if (revocation === undefined) return asker;
  return { kind: 'wait', until: asker.kind === 'wait' ? Promise.all([asker.until, revocation]) : revocation };
}

/** Whoever showed a token is told that it doesn't count: a program would take the page of the sign-in for an answer. */
function askToSignIn(snapshot: Snapshot, who: SessionLookup, trace: Trace): Admission {
  if (who.kind !== 'refused') return { kind: 'reply', reply: signInReply(trace.visitor, snapshot), trace };
  if (who.credential === 'session-token') return refuse(trace);
  return refuse({ ...trace, decision: 'deny', reasons: ['bearer-token-invalid'] });
}

/**
 * Whether the page of another site asks in its visitor's name (CSRF). A session's cookie can have `SameSite` against that; a client certificate
 * goes along with whatever the browser sends. So it counts where the certificate alone says who asks, or lets somebody in, and only there.
 */
function isForged(inbound: Inbound, route: Route, certificate: CertificateVerdict, { person, byCertificate }: KnownAsker): boolean {
  const { policy, settings, id, anonymousPerson } = route;
  if (certificate.kind !== 'valid' || settings.allowCrossSite || !isCrossSiteChange(inbound)) return false;
  if (person !== undefined && person === byCertificate && person !== anonymousPerson) return true;
  const purpose = { routeId: id, path: inbound.path, query: inbound.query, validUntil: 0 };
  const lets = (facts: Facts): boolean => decide(policy, facts, purpose).kind === 'allow';
  return lets(factsOf(inbound, byCertificate, certificate)) && !lets(factsOf(inbound, anonymousPerson, { kind: 'none' }));
}

function carryOut(route: Route, permit: Permit, trace: Trace): Admission {
  const { action } = route;
  const { visitor: inbound } = trace;
  if (inbound.upgrade !== undefined && !(action.kind === 'forward' && allowsUpgrade(action.upstream, inbound.upgrade)))
    return refuse({ ...trace, decision: 'deny', reasons: ['upgrade-not-allowed'] });
  if (action.kind === 'reply') {
    const reply = action.reply(inbound);
    return reply === undefined ? refuse(withoutPath(trace)) : { kind: 'reply', reply, trace };
  }
  if (upstreamPath(action.upstream, inbound) === undefined) return refuse(withoutPath(trace));
  if (certificateHeaders(trace) === undefined)
    return refuse({ ...trace, decision: 'bad-request', reasons: ['client-certificate-too-large'] });
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
  const fits = connectionFits(inbound, snapshot);
  if ((endpoint.needsSession || endpoint.usesCertificate) && !fits)
    return refuse(seen(inbound, { decision: 'misdirected', reasons: [], endpoint }));
  // Health checks and keys concern nobody: no route of the host is looked through for them.
  if (!endpoint.usesPerson && inbound.connection.certificate.kind === 'none')
    return { kind: 'own', endpoint, trace: seen(inbound, { decision: 'own', reasons: [], endpoint }) };
  // A connection of another group brought its certificate for other authorities.
  const judged = (trust: CertificateTrust | undefined) => (fits ? certificateVerdict(inbound, snapshot, trust) : undefined);
  const page = pageAsRoute(inbound, snapshot, (trust) => judged(trust)?.kind === 'valid');
  const certificate = judged(page.trust);
  const revocation = askRevocation(certificate, page.trust);
  const own = { decision: 'own', endpoint, certificate } as const;
  if (!endpoint.usesPerson) {
    if (revocation !== undefined) return { kind: 'wait', until: revocation };
    return { kind: 'own', endpoint, trace: seen(inbound, { ...own, reasons: [] }) };
  }
  const asker = withRevocation(askWho(inbound, page, certificate, whoAsks), revocation);
  if (asker.kind === 'wait') return asker;
  const { person, mapping, session } = asker;
  const trace = seen(inbound, { ...own, reasons: person === undefined ? ['user-unauthenticated'] : [], person, mapping });
  const refusal = endpoint.signsIn ? refusalOfPage(asker, certificate) : undefined;
  if (refusal !== undefined) return refuse({ ...trace, decision: 'deny', reasons: [refusal] });
  if (endpoint.needsSession && person === undefined) return askToSignIn(snapshot, session, trace);
  return { kind: 'own', endpoint, trace };
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

/** What the certificate of this connection is worth by the authorities of a route; `explain` tells it also where the walk ends before it. */
export function certificateVerdict(inbound: Inbound, snapshot: Snapshot, trust: CertificateTrust | undefined): CertificateVerdict {
  const { certificate, group } = inbound.connection;
  const verdict = judgeCertificate(certificate, trust, inbound.receivedAt);
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

function refuse(trace: Trace): Admission {
  return { kind: 'reply', reply: refusalReply(trace), trace };
}

/** Written out: every trace has the same fields in the same order, and an allowed request pays for no copying of them. */
function seen(visitor: Inbound, found: Pick<Trace, 'decision' | 'reasons'> & Partial<Trace>): Trace {
  return {
    decision: found.decision,
    reasons: found.reasons,
    route: found.route,
    endpoint: found.endpoint,
    certificate: found.certificate,
    person: found.person,
    mapping: found.mapping,
    policy: found.policy,
    visitor,
  };
}
