import type { Trace } from './trace.ts';
import type { Inbound } from './http/inbound.ts';
import type { ProxyFailure } from './http/proxy-failure.ts';
import type { Unserved } from './listener/listener-refusal.ts';
import type { RequestRecord } from './observe/request-record.ts';
import type { LogFieldReader } from './compile-log-fields.ts';

/** What became of a request, filled in as it goes along. */
export interface Outcome {
  trace: Trace | undefined;
  failure: ProxyFailure | undefined;
  upstreamMs: number | undefined;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly bytesSent: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  /** Why the listener ended the exchange, where it did. */
  readonly cut?: ProxyFailure | undefined;
}

/** The record of a finished request: one line in the log, one count in the metrics. `logFields` reads what the configuration asks for beside. */
export function recordOf(inbound: Inbound, outcome: Outcome, answer: RecordedAnswer, logFields: LogFieldReader | undefined): RequestRecord {
  const { trace, failure, upstreamMs } = outcome;
  // Over the visitor's own connection, where a proxy in front is believed about it.
  const visitor = trace?.visitor ?? inbound;
  return {
    ...common(visitor, answer),
    upstreamMs: upstreamMs ?? null,
    host: inbound.authority.hostname,
    path: inbound.path,
    protocol: inbound.protocol,
    decision: trace?.decision ?? 'none',
    reasons: trace?.reasons ?? [],
    route: trace?.route?.label ?? null,
    user: trace?.person?.id ?? null,
    email: trace?.person?.email ?? null,
    certificateDetail: trace === undefined ? null : certificateDetail(trace),
    certificateRule: trace?.mapping?.kind === 'mapped' ? trace.mapping.identity.rule : null,
    failure: (answer.cut ?? failure)?.code ?? null,
    further: logFields?.({ ...visitor, query: trace?.endpoint === undefined ? inbound.query : '', bytesSent: answer.bytesSent }),
  };
}

/** What is wrong with the certificate, or why a good one stands for nobody. */
export function certificateDetail({ certificate, mapping }: Pick<Trace, 'certificate' | 'mapping'>): string | null {
  if (certificate?.kind === 'invalid') return certificate.detail;
  return mapping?.kind === 'not-mapped' ? mapping.detail : null;
}

/** The record of a request that was refused, or sent elsewhere, before it had a route. Nothing of it is canonical, so it is logged as it was sent. */
export function recordOfRefusal(refusal: Unserved, answer: RecordedAnswer, logFields: LogFieldReader | undefined): RequestRecord {
  const mark = refusal.rawTarget.indexOf('?');
  return {
    ...common(refusal, answer),
    upstreamMs: null,
    host: refusal.rawAuthority ?? '',
    path: mark === -1 ? refusal.rawTarget : refusal.rawTarget.slice(0, mark),
    protocol: '',
    // A redirect is an answer of our own; nothing was wrong with the request.
    decision: refusal.kind === 'redirected' ? 'own' : 'bad-request',
    reasons: [refusal.reason],
    route: null,
    user: null,
    email: null,
    certificateDetail: null,
    certificateRule: null,
    failure: null,
    further: logFields?.({ ...refusal, query: mark === -1 ? '' : refusal.rawTarget.slice(mark), bytesSent: answer.bytesSent }),
  };
}

function common(
  request: Pick<Inbound, 'id' | 'receivedAt' | 'method' | 'connection'>,
  answer: RecordedAnswer,
): Pick<
  RequestRecord,
  'id' | 'receivedAt' | 'method' | 'status' | 'bytesSent' | 'durationMs' | 'remoteAddress' | 'sni' | 'clientCertificateSha256'
> {
  const { certificate, remoteAddress, sniRaw } = request.connection;
  return {
    id: request.id,
    receivedAt: request.receivedAt,
    method: request.method,
    status: answer.status,
    bytesSent: answer.bytesSent,
    durationMs: answer.endedAt - request.receivedAt,
    remoteAddress,
    sni: sniRaw ?? null,
    clientCertificateSha256: certificate.kind === 'presented' ? fingerprintOf(certificate.leaf) : null,
  };
}

const fingerprints = new WeakMap<object, string>();

/** Lower hex without colons. Node computes it anew at every look, so it is kept for as long as the certificate is. */
function fingerprintOf(leaf: { readonly fingerprint256: string }): string {
  const known = fingerprints.get(leaf);
  if (known !== undefined) return known;
  const fingerprint = leaf.fingerprint256.replaceAll(':', '').toLowerCase();
  fingerprints.set(leaf, fingerprint);
  return fingerprint;
}
