import type { Admission } from '../admit.ts';
import type { WhoAsks } from '../ask-who.ts';
import type { Trace } from '../trace.ts';
import { admit, certificateVerdict, factsOf } from '../admit.ts';
import type { CertificateVerdict } from '../certificate/verdict.ts';
import { endpointContext } from '../endpoint-context.ts';
import type { Connection } from '../http/connection.ts';
import { headerValue } from '../http/header-list.ts';
import type { Inbound } from '../http/inbound.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Person } from '../identity/person.ts';
import type { Unserved } from '../listener/listener-refusal.ts';
import { certificateDetail } from '../record-request.ts';
import { refusalStatus, unservedReply } from '../replies.ts';
import { refuseHandshake } from '../refuse-handshake.ts';
import type { Route, Snapshot } from '../snapshot.ts';
import type { Endpoint } from '../upstream/endpoint.ts';
import { requestHeaders } from '../upstream/request-headers.ts';
import { vouchFor, vouchedPerson } from '../vouch-for.ts';
import { upstreamTarget } from '../upstream/upstream-target.ts';
import type { TokenName, Vouched } from '../upstream/vouched.ts';
import type { Facts } from '../policy/facts.ts';
import type { AskedRequest } from './asked-request.ts';
import { connectionOf, readAskedRequest } from './read-asked-request.ts';
import type { CertificateExplanation, Explanation, TraceLine } from './explanation.ts';
import { asText, headerFields, publicFields } from './header-fields.ts';
import { handshakeLine, traceLines } from './trace-lines.ts';
import { whoIsMadeUp } from './who-shows.ts';

const assertionHeader = 'x-pomerium-jwt-assertion';
const signedLater = '(signed at request time)';

/** Reads the request with the listener's own reader, walks it with the server's own `admit`, and writes down what came of it. */
export async function explainRequest(question: AskedRequest, snapshot: Snapshot): Promise<Explanation> {
  const { explanation } = await explainWithFacts(question, snapshot);
  return explanation;
}

export interface ExplainedWithFacts {
  readonly explanation: Explanation;
  /** The route whose policy decided and what it was asked about; undefined where the walk ended before. */
  readonly judged: { readonly route: Route; readonly facts: Facts } | undefined;
}

/** As `explainRequest`, with what the policy was asked: coverage evaluates its criteria once more. */
export async function explainWithFacts(question: AskedRequest, snapshot: Snapshot): Promise<ExplainedWithFacts> {
  const connection = connectionOf(question, snapshot);
  const asked: Asked = { question, snapshot, connection, handshakeRefusal: handshakeRefusal(connection, snapshot, question.at) };
  const inbound = readAskedRequest(question, connection, snapshot);
  const explained = 'kind' in inbound ? explainUnserved(inbound, asked) : await explainWalk(inbound, asked);
  if (asked.handshakeRefusal === undefined) return explained;
  return { explanation: { ...explained.explanation, ...handshakeRefused(connection) }, judged: undefined };
}

/** What every part of the answer is made from. */
interface Asked {
  readonly question: AskedRequest;
  readonly snapshot: Snapshot;
  readonly connection: Connection;
  readonly handshakeRefusal: string | undefined;
}

function explainUnserved(unserved: Unserved, { question, connection, handshakeRefusal: refusal }: Asked): ExplainedWithFacts {
  const { kind, status, reason } = unserved;
  const isRedirect = kind === 'redirected';
  const decided = isRedirect ? 'own' : 'bad-request';
  const certificate = { ...nothing.certificate, presented: question.certificates.length > 0 };
  const decision: TraceLine = { step: 'decision', subject: '', outcome: decided, detail: reason };
  const trace = [handshakeLine(connection, refusal), decision];
  const reply = isRedirect ? { status, headers: headerFields(unservedReply(unserved).headers), body: '' } : null;
  return { explanation: { ...nothing, decision: decided, status, reasons: [reason], certificate, reply, trace }, judged: undefined };
}

async function explainWalk(inbound: Inbound, { question, snapshot, handshakeRefusal: refusal }: Asked): Promise<ExplainedWithFacts> {
  const { person } = question;
  const whoAsks: WhoAsks = whoIsMadeUp(inbound, person);
  const admission = admit(inbound, snapshot, whoAsks);
  if (admission.kind === 'wait') throw new ProxyFailure('internal', 'Cannot explain the request: somebody made up was not there at once');
  const { route, certificate, policy, visitor } = admission.trace;
  const judged =
    route === undefined || certificate === undefined || policy === undefined
      ? undefined
      : { route, facts: factsOf(visitor, admission.trace.person, certificate) };
  const explanation = {
    ...nothing,
    ...describe(admission.trace),
    ...describePolicy(admission.trace, { question, snapshot }),
    certificate: describeCertificate(admission.trace, snapshot),
    ...(await outcomeOf(admission, snapshot)),
    trace: traceLines({ connection: inbound.connection, snapshot, trace: admission.trace, handshakeRefusal: refusal }),
  };
  return { explanation, judged };
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

function describe({ route, endpoint, decision, reasons }: Trace): Partial<Explanation> {
  return {
    route: route === undefined ? null : { index: route.settings.index, from: route.settings.from, name: route.settings.name ?? null },
    endpoint: endpoint?.name ?? null,
    decision,
    reasons,
  };
}

/** Both sides wherever there is a route: also told where the walk ended before it asked them. */
function describePolicy(
  { route, policy, visitor }: Trace,
  { question, snapshot }: Pick<Asked, 'question' | 'snapshot'>,
): Pick<Explanation, 'allow' | 'deny'> {
  if (policy !== undefined) return { allow: policy.allow, deny: policy.deny };
  if (route === undefined) return { allow: null, deny: null };
  const facts = factsOf(visitor, question.person, certificateVerdict(visitor, snapshot, route.trust));
  return { allow: route.policy.allow(facts), deny: route.policy.deny(facts) };
}

/** About the certificate and the route, not about the decision: also told where the walk ended before it was looked at. */
function describeCertificate(trace: Trace, snapshot: Snapshot): CertificateExplanation {
  const { route, certificate, visitor } = trace;
  const presented = visitor.connection.certificate.kind === 'presented';
  if (route === undefined) return { ...nothing.certificate, presented };
  const verdict = certificate ?? certificateVerdict(visitor, snapshot, route.trust);
  const told = describeVerdict(verdict);
  return { presented, required: route.certificateRequired, ...told, detail: told.detail ?? certificateDetail(trace) };
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

async function outcomeOf(admission: Exclude<Admission, { kind: 'wait' }>, snapshot: Snapshot): Promise<Outcome> {
  switch (admission.kind) {
    case 'forward':
      return { status: 200, upstream: describeUpstream(admission, snapshot) };
    case 'own':
      return { status: await statusOfEndpoint(admission, snapshot) };
    case 'reply': {
      const { status, headers, body } = admission.reply;
      const isRedirect = headerValue(headers, 'location') !== undefined;
      const isGrpc = headerValue(headers, 'grpc-status') !== undefined;
      if (isGrpc) return { status: refusalStatus(admission.trace) };
      if (admission.trace.decision === 'allow') return { status, reply: { status, headers: headerFields(headers), body: String(body) } };
      return { status, reply: isRedirect ? { status, headers: publicFields(headers), body: String(body) } : null };
    }
  }
}

function describeUpstream(admitted: Extract<Admission, { kind: 'forward' }>, snapshot: Snapshot): Explanation['upstream'] {
  const { visitor: inbound } = admitted.trace;
  const { upstream } = admitted;
  const endpoint = upstream.pool.choose();
  const vouched = withStandIns(vouchFor(inbound, snapshot, admitted), vouchedPerson(admitted.trace));
  const headers = requestHeaders({ inbound, plan: upstream.headers, endpoint, vouched, forUpgrade: inbound.upgrade !== undefined });
  const sent = headerFields(headers);
  if (assertionHeader in sent) sent[assertionHeader] = signedLater;
  const { action } = admitted.route.settings;
  // Whoever reads it could act as anybody towards the cluster.
  if (action.kind === 'forward' && action.kubernetesToken !== undefined && 'authorization' in sent) sent['authorization'] = '(secret)';
  return { url: `${originOf(endpoint)}${asText(upstreamTarget(upstream, inbound))}`, headers: sent };
}

/** In place of what only a real session has: a person made up for the question has no tokens, and a signature is never the same twice. */
function withStandIns(vouched: Vouched, person: Person | undefined): Vouched {
  if (person === undefined) return vouched;
  const standIns: Partial<Record<TokenName, string>> = { access_token: '(of the session)', id_token: '(of the session)', jwt: signedLater };
  return { ...vouched, token: (name) => standIns[name] ?? vouched.token(name) };
}

/** What stands before the target: of a unix socket its file, set apart by a colon as other proxies write it. */
function originOf({ url, target }: Endpoint): string {
  if (target.kind === 'unix') return `unix://${target.socketPath}:`;
  // Not `origin`, which is "null" for h2c://.
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Asks the endpoint itself, with services that reach nothing; one that wants the provider would send the visitor there. */
async function statusOfEndpoint({ endpoint, trace }: Extract<Admission, { kind: 'own' }>, snapshot: Snapshot): Promise<number> {
  try {
    const reply = await endpoint.serve(endpointContext(snapshot, trace, trace.visitor.receivedAt));
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
