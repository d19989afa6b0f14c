import type { Trace } from './trace.ts';
import type { Inbound, InboundRefusal } from './http/inbound.ts';
import type { ProxyFailure } from './http/proxy-failure.ts';
import type { RequestRecord } from './observe/request-record.ts';

/** What became of a request, filled in as it goes along. */
export interface Outcome {
  trace: Trace | undefined;
  failure: ProxyFailure | undefined;
  upstreamMs: number | undefined;
}

/** The record of a finished request: one line in the log, one count in the metrics. `endedAt` in milliseconds since 1970. */
export function recordOf(
  inbound: Inbound,
  outcome: Outcome,
  answer: { status: number; bytesSent: number; endedAt: number },
): RequestRecord {
  const { trace, failure, upstreamMs } = outcome;
  return {
    ...common(inbound, answer),
    upstreamMs: upstreamMs ?? null,
    host: inbound.authority.hostname,
    path: inbound.path,
    protocol: inbound.protocol,
    decision: trace?.decision ?? 'none',
    reasons: trace?.reasons ?? [],
    route: trace?.route?.label ?? null,
    user: trace?.person?.id ?? null,
    email: trace?.person?.email ?? null,
    certificateDetail: trace?.certificate?.kind === 'invalid' ? trace.certificate.detail : null,
    failure: failure?.code ?? null,
  };
}

/** The record of a request that was refused before it had a route. Nothing of it is canonical, so it is logged as it was sent. */
export function recordOfRefusal(
  refusal: Omit<InboundRefusal, 'reason'> & { readonly reason: string },
  answer: { status: number; bytesSent: number; endedAt: number },
): RequestRecord {
  const mark = refusal.rawTarget.indexOf('?');
  return {
    ...common(refusal, answer),
    upstreamMs: null,
    host: refusal.rawAuthority ?? '',
    path: mark === -1 ? refusal.rawTarget : refusal.rawTarget.slice(0, mark),
    protocol: '',
    decision: 'bad-request',
    reasons: [refusal.reason],
    route: null,
    user: null,
    email: null,
    certificateDetail: null,
    failure: null,
  };
}

function common(
  request: Pick<Inbound, 'id' | 'receivedAt' | 'method' | 'connection'>,
  answer: { status: number; bytesSent: number; endedAt: number },
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
