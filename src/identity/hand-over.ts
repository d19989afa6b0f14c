import { randomUUID } from 'node:crypto';
import type { Inbound } from '../http/inbound.ts';
import { isAuthenticateHost } from './allowed-return.ts';
import type { SignInServices } from './identity-parts.ts';
import type { IdentityOutcome } from './identity.ts';
import type { LiveSession } from './live-session.ts';
import { refuse } from './refuse.ts';
import type { ReturnUrl } from './return-url.ts';
import { originOf, readReturnUrl } from './return-url.ts';
import type { SessionBinding } from './session-cookie.ts';
import { signUrl, verifySignedUrl } from './signed-url.ts';
import { handOverUrl } from './start-sign-in.ts';

type Redirect = Extract<IdentityOutcome, { kind: 'redirect' }>;

/** What is under the seal of a hand-over; the host it is for is its context. */
interface HandOver {
  readonly id: string;
  readonly sessionId: string;
  readonly browser: string;
  readonly returnTo: string;
}

// Longer than the signature lives, skew included: a used hand-over is remembered for as long as it could be used.
const rememberUsedMs = 15 * 60_000;

/** Sends a signed-in visitor back to the route host, with a sealed ticket that is good once, there, and in the browser that began. */
export function handOver(services: SignInServices, session: Pick<LiveSession, 'id'>, target: ReturnUrl, routeBrowser: string): Redirect {
  if (isAuthenticateHost(services, target)) return { kind: 'redirect', location: target.url, setCookies: [] };
  const { handOverSealer, urlKeys, now } = services;
  const base = handOverUrl(target.authority);
  const ticket: HandOver = { id: randomUUID(), sessionId: session.id, browser: routeBrowser, returnTo: target.url };
  const parameters = {
    pomerium_redirect_uri: target.url,
    pomerium_session_encrypted: handOverSealer.seal(JSON.stringify(ticket), base),
  };
  return { kind: 'redirect', location: signUrl(base, parameters, { keys: urlKeys, at: now() }), setCookies: [] };
}

/** At the route host: the ticket becomes this host's session cookie. `binding` is the valid certificate of this connection. */
export async function acceptHandOver(
  services: SignInServices,
  inbound: Inbound,
  binding: SessionBinding | undefined,
): Promise<IdentityOutcome> {
  const { urlKeys, now, routeBrowser, store, cache, cookie } = services;
  const signed = verifySignedUrl(handOverUrl(inbound.authority), inbound.query, { keys: urlKeys, at: now() });
  if (signed.kind === 'invalid') return refuse('hand-over-invalid');
  const ticket = readTicket(services, inbound, signed.parameters);
  if (ticket === undefined) return refuse('hand-over-invalid');
  const wanted = { url: ticket.returnTo, atOnce: false };
  if (signed.kind === 'expired') return refuse('hand-over-expired', wanted);
  // Before it counts as used: whoever only saw the URL must not be able to spend it.
  if (!routeBrowser.isSameBrowser(inbound, ticket.browser))
    return refuse('hand-over-other-browser', { ...wanted, atOnce: routeBrowser.isKnown(inbound) });
  if (!(await store.add(`hand-over/${ticket.id}`, new Uint8Array(), now() + rememberUsedMs))) return refuse('hand-over-used', wanted);
  // Two genuine cookies are nobody, so the page would lead here again and again: better to say so, and clear what can be cleared.
  if (cookie.isContested(inbound))
    return { ...refuse('session-cookie-contested', wanted), setCookies: cookie.clearPlanted(inbound.authority.hostname) };
  const session = await cache.load(ticket.sessionId);
  // Ended on the way, by a sign-in in another tab for one: the page itself starts over.
  const setCookies = session === undefined ? [] : [cookie.write(inbound.authority.hostname, session, binding)];
  return { kind: 'redirect', location: ticket.returnTo, setCookies };
}

function readTicket({ handOverSealer }: SignInServices, inbound: Inbound, parameters: URLSearchParams): HandOver | undefined {
  const text = handOverSealer.open(parameters.get('pomerium_session_encrypted') ?? '', handOverUrl(inbound.authority));
  // The seal proves that the text is ours, shape included.
  const ticket = text === undefined ? undefined : (JSON.parse(text) as HandOver);
  if (ticket === undefined || ticket.returnTo !== parameters.get('pomerium_redirect_uri')) return undefined;
  const target = readReturnUrl(ticket.returnTo);
  return target !== undefined && originOf(target.authority) === originOf(inbound.authority) ? ticket : undefined;
}
