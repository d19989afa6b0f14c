import type { Inbound } from '../http/inbound.ts';
import { allowedReturn } from './allowed-return.ts';
import type { SignInServices } from './identity-parts.ts';
import type { IdentityOutcome } from './identity.ts';
import { loadOpenidClient } from './load-openid-client.ts';
import { openSession } from './open-session.ts';
import { isUnreachable, providerFailure, withoutAnswer } from './provider-failure.ts';
import { readGrant } from './read-grant.ts';
import type { RefusalReason } from './refuse.ts';
import { refuse } from './refuse.ts';
import { restartSignIn } from './restart-sign-in.ts';
import type { Grant } from './session.ts';
import type { SignInState } from './sign-in-state.ts';
import { isInTime, readSignInState, rememberUsedMs } from './sign-in-state.ts';
import { callbackUrl } from './sign-in.ts';
import { withWayBack } from './way-back.ts';
import { userIdOf } from './user-id.ts';

const clockToleranceMs = 60_000;

/** At `/oauth2/callback`: the provider's answer becomes a session, and the visitor goes back to where the sign-in began. */
export async function finishSignIn(services: SignInServices, inbound: Inbound): Promise<IdentityOutcome> {
  const { browser, store, now, sessionMs } = services;
  const state = openState(services, inbound);
  if (typeof state === 'string') return refuse(state);
  const target = allowedReturn(services, state.returnTo);
  if (target === undefined) return refuse('return-url-refused');
  const wanted = { url: target.url, atOnce: false };
  // Before it counts as used: whoever only saw the URL must not be able to spend it. Tabs that were opened all at once in a new
  // browser each got a mark, of which it kept the last: they go back to their pages, and sign in from there as who is at home here.
  if (!browser.isSameBrowser(inbound, state.browser)) return refuse('state-other-browser', { ...wanted, atOnce: browser.isKnown(inbound) });
  // From here on it is used, whatever comes of it.
  if (!(await store.add(`state/${state.id}`, new Uint8Array(), now() + rememberUsedMs))) return refuse('state-used', wanted);
  if (!isInTime(state, now())) return restartSignIn(services, inbound, target);
  const granted = await withWayBack(target, async () => exchangeCode(services, inbound, state));
  if (typeof granted === 'string') return refuse(granted, wanted);
  return openSession(services, inbound, { ...granted, expiresAt: now() + sessionMs, target, routeBrowser: state.routeBrowser });
}

/** The state of a sign-in that was begun here, by whomever. */
function openState({ stateSealer }: SignInServices, inbound: Inbound): SignInState | RefusalReason {
  const [text, ...others] = new URLSearchParams(inbound.query).getAll('state');
  if (text === undefined || text === '') return 'state-missing';
  return (others.length === 0 ? readSignInState(stateSealer, text) : undefined) ?? 'state-altered';
}

async function exchangeCode(
  { provider, authenticate, now, log }: SignInServices,
  inbound: Inbound,
  { nonce, codeVerifier }: SignInState,
): Promise<{ readonly userId: string; readonly grant: Grant } | RefusalReason> {
  const configuration = await provider.configuration();
  const answer = new URL(`${callbackUrl(authenticate)}${inbound.query}`);
  try {
    const tokens = await loadOpenidClient().authorizationCodeGrant(configuration, answer, {
      pkceCodeVerifier: codeVerifier,
      expectedNonce: nonce,
      expectedState: answer.searchParams.get('state') ?? '',
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    const userId = claims === undefined ? undefined : userIdOf(provider.kind, claims);
    // Can't happen after `idTokenExpected`; without a subject there is nobody to sign in.
    if (claims === undefined || userId === undefined) return 'provider-answer-invalid';
    // The library compares `exp` and `nbf` alone.
    if (claims.iat * 1000 - now() > clockToleranceMs) {
      log.warn({ ahead_seconds: claims.iat - Math.floor(now() / 1000) }, 'A sign-in was refused: its ID token was issued in the future');
      return 'provider-answer-invalid';
    }
    const userInfo = await provider.userInfo(tokens.access_token, claims.sub);
    return { userId, grant: readGrant(tokens, { userInfo, at: now(), anyTenant: provider.anyTenant }) };
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === undefined) throw providerFailure('complete a sign-in', error);
    log.info({ reason, error: withoutAnswer(error) }, 'A sign-in was refused');
    return reason;
  }
}

/** Whether what went wrong is the doing of this one answer; undefined where it is a fault that others will meet as well. */
function refusalOf(error: unknown): RefusalReason | undefined {
  const { AuthorizationResponseError, ClientError, ResponseBodyError } = loadOpenidClient();
  if (error instanceof AuthorizationResponseError) return error.error === 'access_denied' ? 'provider-denied' : 'provider-error';
  // The code was used, is too old, or belongs to another sign-in. Other errors of the token endpoint are about our own client.
  if (error instanceof ResponseBodyError) return error.error === 'invalid_grant' ? 'provider-answer-invalid' : undefined;
  return error instanceof ClientError && !isUnreachable(error) ? 'provider-answer-invalid' : undefined;
}
