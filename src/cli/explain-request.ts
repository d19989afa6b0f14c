import type { Admission } from '../admit.ts';
import type { Trace } from '../trace.ts';
import { admit, certificateVerdict, factsOf } from '../admit.ts';
import type { CertificateVerdict } from '../certificate/verdict.ts';
import { endpointContext } from '../endpoint-context.ts';
import type { Connection } from '../http/connection.ts';
import type { HeaderList } from '../http/header-list.ts';
import { headerValue } from '../http/header-list.ts';
import { parseHostname } from '../http/hostname.ts';
import type { Inbound } from '../http/inbound.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { ListenerRefusal } from '../listener/listener-refusal.ts';
import { readInbound } from '../listener/read-inbound.ts';
import { splitHttp1Headers } from '../listener/wire-parts.ts';
import { refusalStatus } from '../replies.ts';
import { refuseHandshake } from '../refuse-handshake.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Endpoint } from '../upstream/endpoint.ts';
import { requestHeaders } from '../upstream/request-headers.ts';
import { upstreamTarget } from '../upstream/upstream-target.ts';
import type { CertificateExplanation, Explanation, TraceLine } from './explanation.ts';
import type { Question } from './explain-options.ts';
import { handshakeLine, traceLines } from './trace-lines.ts';

const assertionHeader = 'x-pomerium-jwt-assertion';

/** Reads the request with the listener's own reader, walks it with the server's own `admit`, and writes down what came of it. */
export async function explainRequest(question: Question, snapshot: Snapshot): Promise<Explanation> {
  const connection = connectionOf(question, snapshot);
  const asked: Asked = { question, snapshot, connection, handshakeRefusal: handshakeRefusal(connection, snapshot, question.at) };
  const { method, rawAuthority, rawTarget, headers, at } = question;
  const inbound = readInbound({
    id: 'explain',
    receivedAt: at,
    protocol: 'http/1.1',
    method,
    rawTarget,
    connection,
    // A `Host` among the headers is a second one, as it would be on the wire.
    ...splitHttp1Headers(rawAuthority === '' ? headers : ['Host', rawAuthority, ...headers]),
  });
  const explanation = 'kind' in inbound ? explainRefusal(inbound, asked) : await explainWalk(inbound, asked);
  return asked.handshakeRefusal === undefined ? explanation : { ...explanation, ...handshakeRefused(connection) };
}

/** What every part of the answer is made from. */
interface Asked {
  readonly question: Question;
  readonly snapshot: Snapshot;
  readonly connection: Connection;
  readonly handshakeRefusal: string | undefined;
}

function explainRefusal({ status, reason }: ListenerRefusal, { question, connection, handshakeRefusal: refusal }: Asked): Explanation {
  const certificate = { ...nothing.certificate, presented: question.certificates.length > 0 };
  const decision: TraceLine = { step: 'decision', subject: '', outcome: 'bad-request', detail: reason };
  return {
    ...nothing,
    decision: 'bad-request',
    status,
    reasons: [reason],
    certificate,
    trace: [handshakeLine(connection, refusal), decision],
  };
}

async function explainWalk(inbound: Inbound, { question, snapshot, handshakeRefusal: refusal }: Asked): Promise<Explanation> {
  const who = question.person === undefined ? ({ kind: 'nobody' } as const) : ({ kind: 'person', person: question.person } as const);
  const admission = admit(inbound, snapshot, () => who);
  if (admission.kind === 'wait') throw new ProxyFailure('internal', 'Cannot explain the request: somebody made up was not there at once');
  return {
    ...nothing,
    ...describe(admission.trace),
    ...describePolicy(admission.trace, inbound, { question, snapshot }),
    certificate: describeCertificate(admission.trace, inbound, snapshot),
    ...(await outcomeOf(admission, inbound, snapshot)),
    trace: traceLines({ inbound, snapshot, trace: admission.trace, handshakeRefusal: refusal }),
  };
}

function handshakeRefusal(connection: Connection, snapshot: Snapshot, at: number): string | undefined {
  const isJudged = connection.asked && snapshot.groups.groupFor(connection.hostname).requires;
  return isJudged ? refuseHandshake(connection, snapshot, at) : undefined;
}

const nothing: Explanation = {
  route: null,
  endpoint: null,
  decision: 'not-found',
  status: 404,
  reasons: [],
  allow: null,
  deny: null,
  certificate: { presented: false, required: false, valid: null, reason: null, detail: null },
  upstream: null,
  reply: null,
  handshake: 'accepted',
  trace: [],
};

function connectionOf({ sni, certificates, sourceIp }: Question, snapshot: Snapshot): Connection {
  const hostname = sni === undefined ? undefined : parseHostname(sni);
  const group = snapshot.groups.groupFor(hostname);
  const [leaf, ...chain] = certificates;
  return {
    id: 1,
    sniRaw: sni,
    hostname,
    group: group.id,
    asked: group.asks,
    remoteAddress: sourceIp,
    remotePort: 0,
    tlsVersion: 'TLSv1.3',
    resumed: false,
    certificate: leaf === undefined ? { kind: 'none' } : { kind: 'presented', leaf, chain, tlsVerdict: undefined },
  };
}

function describe({ route, endpoint, decision, reasons }: Trace): Partial<Explanation> {
  return {
    route: route === undefined ? null : { index: route.settings.index, from: route.settings.from, name: route.settings.name ?? null },
    endpoint: endpoint?.name ?? null,
    decision,
    reasons,
  };
}

/** Both sides wherever there is a route: also told where the walk ended before it asked them (contract 2.4 and 3.2). */
function describePolicy(
  { route, policy }: Trace,
  inbound: Inbound,
  { question, snapshot }: Pick<Asked, 'question' | 'snapshot'>,
): Pick<Explanation, 'allow' | 'deny'> {
  if (policy !== undefined) return { allow: policy.allow, deny: policy.deny };
  if (route === undefined) return { allow: null, deny: null };
  const facts = factsOf(inbound, question.person, certificateVerdict(inbound, snapshot, route));
  return { allow: route.policy.allow(facts), deny: route.policy.deny(facts) };
}

/** About the certificate and the route, not about the decision: also told where the walk ended before it was looked at (contract 2.4). */
function describeCertificate({ route, certificate }: Trace, inbound: Inbound, snapshot: Snapshot): CertificateExplanation {
  const presented = inbound.connection.certificate.kind === 'presented';
  if (route === undefined) return { ...nothing.certificate, presented };
  const verdict = certificate ?? certificateVerdict(inbound, snapshot, route);
  return { presented, required: route.certificateRequired, ...describeVerdict(verdict) };
}

function describeVerdict(verdict: CertificateVerdict): Pick<CertificateExplanation, 'valid' | 'reason' | 'detail'> {
  switch (verdict.kind) {
    case 'no-authority':
      return { valid: null, reason: null, detail: null };
    case 'none':
      return { valid: false, reason: 'client-certificate-required', detail: null };
    case 'valid':
      return { valid: true, reason: null, detail: null };
    case 'invalid':
      return { valid: false, reason: 'invalid-client-certificate', detail: verdict.detail };
  }
}

type Outcome = Pick<Explanation, 'status'> & Partial<Pick<Explanation, 'upstream' | 'reply'>>;

async function outcomeOf(admission: Exclude<Admission, { kind: 'wait' }>, inbound: Inbound, snapshot: Snapshot): Promise<Outcome> {
  switch (admission.kind) {
    case 'forward':
      return { status: 200, upstream: describeUpstream(admission, inbound, snapshot) };
    case 'own':
      return { status: await statusOfEndpoint(admission, inbound, snapshot) };
    case 'reply': {
      const { status, headers, body } = admission.reply;
      const isRedirect = headerValue(headers, 'location') !== undefined;
      const isGrpc = headerValue(headers, 'grpc-status') !== undefined;
      if (isGrpc) return { status: refusalStatus(admission.trace) };
      return { status, reply: isRedirect ? { status, headers: publicHeaders(headers), body: String(body) } : null };
    }
  }
}

function describeUpstream(
  { route, trace }: Extract<Admission, { kind: 'forward' }>,
  inbound: Inbound,
  snapshot: Snapshot,
): Explanation['upstream'] {
  const { upstream, settings } = route;
  const endpoint = upstream.pool.choose();
  const identity = settings.passIdentityHeaders ? snapshot.identity.identityHeaders(trace.person, inbound.authority.hostname) : [];
  const headers = requestHeaders({ inbound, plan: upstream.headers, endpoint, identity, forUpgrade: inbound.upgrade !== undefined });
  const sent = record(headers);
  if (assertionHeader in sent) sent[assertionHeader] = '(signed at request time)';
  return { url: `${originOf(endpoint)}${asText(upstreamTarget(upstream, endpoint, inbound))}`, headers: sent };
}

/** What stands before the target: of a unix socket its file, set apart by a colon as other proxies write it. */
function originOf({ url, target }: Endpoint): string {
  return target.kind === 'unix' ? `unix://${target.socketPath}:` : new URL(url).origin;
}

/** Asks the endpoint itself, with services that reach nothing; one that wants the provider would send the visitor there. */
async function statusOfEndpoint(
  { endpoint, trace }: Extract<Admission, { kind: 'own' }>,
  inbound: Inbound,
  snapshot: Snapshot,
): Promise<number> {
  try {
    const reply = await endpoint.serve(endpointContext(inbound, snapshot, trace, inbound.receivedAt));
    return reply.status;
  } catch (error) {
    if (error instanceof ProxyFailure && error.code === 'provider-unreachable') return 302;
    throw error;
  }
}

function handshakeRefused(connection: Connection): Partial<Explanation> {
  const reason = connection.certificate.kind === 'none' ? 'client-certificate-required' : 'invalid-client-certificate';
  return { decision: 'deny', status: 495, reasons: [reason], handshake: 'refused', upstream: null, reply: null };
}

const signatureParameters = /([?&](?:pomerium_signature|pomerium_issued|pomerium_expiry|pomerium_browser)=)[^&]*/g;

/** The redirect to sign in carries a signature and a cookie: both would be worth something to whoever reads over a shoulder. */
function publicHeaders(headers: HeaderList): Readonly<Record<string, string>> {
  const { 'set-cookie': _, location = '', ...rest } = record(headers);
  return { ...rest, location: location.replace(signatureParameters, '$1…') };
}

function record(headers: HeaderList): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const value = asText(headers[index + 1] ?? '');
    const before = fields[name];
    fields[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return fields;
}

/** The bytes of the wire as people read them: as UTF-8, which claim headers are in, or one character for each where they are something else. */
function asText(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? bytes : text;
}
