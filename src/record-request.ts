import type { Trace } from './trace.ts';
import type { PresentedCertificate } from './http/connection.ts';
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
  const { certificate, remoteAddress, sniRaw } = visitor.connection;
  // Field by field: to make it of a common part and the rest would copy the common part once for every request.
  return {
    id: visitor.id,
    receivedAt: visitor.receivedAt,
    durationMs: answer.endedAt - visitor.receivedAt,
    upstreamMs: upstreamMs ?? null,
    method: visitor.method,
    host: inbound.authority.hostname,
    path: inbound.path,
    status: answer.status,
    decision: trace?.decision ?? 'none',
    reasons: trace?.reasons ?? [],
    route: trace?.route?.label ?? null,
    user: trace?.person?.id ?? null,
    email: trace?.person?.email ?? null,
    clientCertificateSha256: fingerprintOf(certificate),
    certificateDetail: trace === undefined ? null : certificateDetail(trace),
    certificateRule: trace?.mapping?.kind === 'mapped' ? trace.mapping.identity.rule : null,
    remoteAddress,
    protocol: inbound.protocol,
    sni: sniRaw ?? null,
    failure: (answer.cut ?? failure)?.code ?? null,
    bytesSent: answer.bytesSent,
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
  const { certificate, remoteAddress, sniRaw } = refusal.connection;
  return {
    id: refusal.id,
    receivedAt: refusal.receivedAt,
    durationMs: answer.endedAt - refusal.receivedAt,
    upstreamMs: null,
    method: refusal.method,
    host: refusal.rawAuthority ?? '',
    path: mark === -1 ? refusal.rawTarget : refusal.rawTarget.slice(0, mark),
    status: answer.status,
    // A redirect is an answer of our own; nothing was wrong with the request.
    decision: refusal.kind === 'redirected' ? 'own' : 'bad-request',
    reasons: [refusal.reason],
    route: null,
    user: null,
    email: null,
    clientCertificateSha256: fingerprintOf(certificate),
    certificateDetail: null,
    certificateRule: null,
    remoteAddress,
    protocol: '',
    sni: sniRaw ?? null,
    failure: null,
    bytesSent: answer.bytesSent,
    further: logFields?.({ ...refusal, query: mark === -1 ? '' : refusal.rawTarget.slice(mark), bytesSent: answer.bytesSent }),
  };
}

const fingerprints = new WeakMap<object, string>();

/** Lower hex without colons. Node computes it anew at every look, so it is kept for as long as the certificate is. */
function fingerprintOf(certificate: PresentedCertificate): string | null {
  if (certificate.kind === 'none') return null;
  const { leaf } = certificate;
  const known = fingerprints.get(leaf);
  if (known !== undefined) return known;
  const fingerprint = leaf.fingerprint256.replaceAll(':', '').toLowerCase();
  fingerprints.set(leaf, fingerprint);
  return fingerprint;
}
