import type { Trace } from './trace.ts';
import type { ErrorReplyInput } from './endpoints/error-reply.ts';
import { errorReply } from './endpoints/error-reply.ts';
import { reasonTexts } from './endpoints/reason-text.ts';
import { redirectReply } from './endpoints/redirect-reply.ts';
import { robotsReply } from './endpoints/robots-reply.ts';
import type { Inbound } from './http/inbound.ts';
import { canFollowSignIn } from './http/negotiate.ts';
import type { Reply } from './http/reply.ts';
import type { Unserved } from './listener/listener-refusal.ts';
import type { Reason } from './policy/decision.ts';
import type { Snapshot } from './snapshot.ts';

const robotsPath = '/robots.txt';

/** The answer to a request that is not forwarded; its status is a function of the decision and its reasons alone. */
export function refusalReply(trace: Trace): Reply {
  const { visitor: inbound } = trace;
  if (trace.decision === 'deny' && inbound.path === robotsPath) return robotsReply();
  const refusal = { status: refusalStatus(trace), reference: inbound.id, headers: inbound.headers };
  if (trace.decision === 'deny' && trace.reasons.some(isCertificateReason)) return errorReply({ ...refusal, ...certificateWanted(trace) });
  const [text] = trace.reasons.flatMap((reason) => reasonTexts.get(reason) ?? []);
  return errorReply({ ...refusal, ...text });
}

/** One page for none and for a bad one, whatever its status: it says what to do, and not what was wrong. */
function certificateWanted({ route }: Trace): Partial<ErrorReplyInput> {
  return { text: 'client-certificate', authorities: route?.authorityNames };
}

/** 302 to the sign-in page for whoever can follow it, 401 for programs, scripts and sockets. */
export function signInReply(inbound: Inbound, snapshot: Snapshot): Reply {
  if (inbound.path === robotsPath) return robotsReply();
  const { headers, id, query } = inbound;
  const { authenticate, identityProvider } = snapshot.settings;
  // Pages of our own may ask for somebody also where nobody can sign in.
  const canSignIn = authenticate !== undefined && identityProvider !== undefined && !snapshot.isAuthenticateHost(inbound.authority);
  // A socket can't show a sign-in page, and a redirect would leave it open beside a refusal.
  if (inbound.upgrade !== undefined || !canSignIn || !canFollowSignIn(headers, query))
    return errorReply({ status: 401, reference: id, headers });
  const { location, setCookies } = snapshot.identity.startSignIn(inbound);
  return redirectReply({ location, setCookies });
}

/** Every answer tells its reference id, as those of upstreams do: whoever gets JSON or a redirect can name it too (Pomerium sends it always). */
export function withRequestId(reply: Reply, requestId: string): Reply {
  return { ...reply, headers: [...reply.headers, 'X-Request-Id', requestId] };
}

/** The answer to what could not be read, or is served elsewhere. The reason is in the log, under the reference on the page. */
export function unservedReply(unserved: Unserved): Reply {
  const { status, id, headers } = unserved;
  if (unserved.kind === 'refused') return errorReply({ status, reference: id, headers });
  // By name: `headers` would be those of the request.
  return redirectReply({ status: unserved.status, location: unserved.location });
}

/** What a refusal is to everybody but gRPC, which says 200 and has a status of its own. */
export function refusalStatus(trace: Trace): number {
  switch (trace.decision) {
    case 'not-found':
      return 404;
    case 'misdirected':
      return 421;
    case 'deny':
      return trace.reasons.some(isCertificateReason) ? (trace.route?.settings.certificateDeniedStatus ?? 495) : 403;
    case 'sign-in':
    case 'own':
      return 401;
    case 'bad-request':
    case 'allow':
      return trace.reasons.includes('client-certificate-too-large') ? 431 : 400;
  }
}

/** Whether a denial is about the certificate alone, so that signing in would not help. */
export function isCertificateReason(reason: Reason): boolean {
  return certificateReasons.has(reason);
}

const certificateReasons: ReadonlySet<string> = new Set(['client-certificate-required', 'invalid-client-certificate']);
