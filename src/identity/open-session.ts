import { randomUUID } from 'node:crypto';
import type { Inbound } from '../http/inbound.ts';
import { buildSession, isEmailUnverified } from './build-session.ts';
import { handOver } from './hand-over.ts';
import type { SignInServices } from './identity-parts.ts';
import type { IdentityOutcome } from './identity.ts';
import type { ReturnUrl } from './return-url.ts';
import type { Grant, Session } from './session.ts';

export interface Opening {
  readonly userId: string;
  readonly grant: Grant;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly target: ReturnUrl;
  /** The mark of the browser at the route host. */
  readonly routeBrowser: string;
}

/** The end of every sign-in, at the authenticate host: a session, its cookie here, and on to the page that was asked for. */
export async function openSession(
  services: SignInServices,
  inbound: Inbound,
  { userId, grant, expiresAt, target, routeBrowser }: Opening,
): Promise<IdentityOutcome> {
  const { authenticate, cookie, records, cache, log, onSignIn } = services;
  if (isEmailUnverified(grant)) log.warn({ user: userId }, 'The provider says that the e-mail address was not verified; it is not used');
  // Always a new id: one that was known before the sign-in could have been planted (session fixation).
  const session: Session = buildSession({ id: randomUUID(), userId, expiresAt, grant });
  await records.create(session);
  cache.keep(session);
  await endPrevious(services, inbound);
  onSignIn('ok');
  const handedOver = handOver(services, session, target, routeBrowser);
  return { ...handedOver, setCookies: [cookie.write(authenticate.hostname, session), ...handedOver.setCookies] };
}

/** One browser has one session: else signing out of one of two would leave the other, which signs in again at once. */
async function endPrevious({ cookie, cache, records }: SignInServices, inbound: Inbound): Promise<void> {
  const previous = cookie.read(inbound);
  if (previous === undefined) return;
  cache.drop(previous);
  await records.remove(previous);
}
