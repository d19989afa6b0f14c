import type { Configuration } from 'openid-client';
import type { Inbound } from '../http/inbound.ts';
import { allowedReturn } from './allowed-return.ts';
import { certificateRequestUrl } from './certificate-sign-in.ts';
import { handOver } from './hand-over.ts';
import type { CertificateSignInServices, SignInServices } from './identity-parts.ts';
import type { IdentityOutcome, SignInChoice } from './identity.ts';
import { loadOpenidClient } from './load-openid-client.ts';
import { refuse } from './refuse.ts';
import { restartSignIn } from './restart-sign-in.ts';
import type { SignInRequest } from './sign-in-request.ts';
import { writeSignInState } from './sign-in-state.ts';
import { verifySignedUrl } from './signed-url.ts';
import { signInChoiceUrl, signInUrl } from './start-sign-in.ts';
import { withWayBack } from './way-back.ts';

/**
 * At the authenticate host: whoever has a session there is handed over at once, everybody else goes to the provider, or chooses first where
 * certificates sign people in (`byCertificate`).
 */
export async function signIn(
  services: SignInServices,
  inbound: Inbound,
  byCertificate: CertificateSignInServices | undefined,
): Promise<IdentityOutcome | SignInChoice> {
  const { authenticate, urlKeys, now, cookie, cache } = services;
  const signed = verifySignedUrl(signInUrl(authenticate), inbound.query, { keys: urlKeys, at: now() });
  if (signed.kind === 'invalid') return refuse('signature-invalid');
  const target = allowedReturn(services, signed.parameters.get('pomerium_redirect_uri'));
  const routeBrowser = signed.parameters.get('pomerium_browser');
  if (target === undefined || routeBrowser === null) return refuse('return-url-refused');
  if (signed.kind === 'expired') return restartSignIn(services, inbound, target);
  const sessionId = cookie.read(inbound);
  const session = sessionId === undefined ? undefined : await cache.load(sessionId);
  if (session !== undefined) return handOver(services, session, target, routeBrowser);
  const request = { returnTo: target.url, routeBrowser };
  if (byCertificate !== undefined && signed.parameters.get('pomerium_method') === null) return choose(byCertificate, inbound, request);
  return withWayBack(target, async () => askProvider(services, inbound, request));
}

/** The provider need not be there for this page: whoever takes the certificate does without. */
function choose(services: CertificateSignInServices, inbound: Inbound, request: SignInRequest): SignInChoice {
  const { mark, setCookies } = services.browser.begin(inbound);
  return {
    kind: 'choose',
    provider: signInChoiceUrl(services, request, 'idp'),
    certificate: certificateRequestUrl(services, { ...request, mark }),
    setCookies,
  };
}

/** Where the provider sends visitors back to; it has to be registered there. */
export function callbackUrl({ url }: SignInServices['authenticate']): string {
  return `${url.origin}/oauth2/callback`;
}

async function askProvider(
  services: SignInServices,
  inbound: Inbound,
  { returnTo, routeBrowser }: SignInRequest,
): Promise<IdentityOutcome> {
  const { provider, browser, stateSealer, now } = services;
  const configuration = await provider.reachable();
  const { mark, setCookies } = browser.begin(inbound);
  const { randomNonce, randomPKCECodeVerifier } = loadOpenidClient();
  const nonce = randomNonce();
  const codeVerifier = randomPKCECodeVerifier();
  const state = writeSignInState(stateSealer, { issuedAt: now(), returnTo, routeBrowser, browser: mark, nonce, codeVerifier });
  const location = await authorizationUrl(services, configuration, { state, nonce, codeVerifier });
  return { kind: 'redirect', location, setCookies };
}

async function authorizationUrl(
  { authenticate, provider }: SignInServices,
  configuration: Configuration,
  { state, nonce, codeVerifier }: { readonly state: string; readonly nonce: string; readonly codeVerifier: string },
): Promise<string> {
  const { buildAuthorizationUrl, calculatePKCECodeChallenge } = loadOpenidClient();
  const url = buildAuthorizationUrl(configuration, {
    // First, so that nothing an operator adds can replace what protects the sign-in.
    ...provider.requestParams,
    redirect_uri: callbackUrl(authenticate),
    scope: provider.scope,
    state,
    nonce,
    // Always, whether or not the provider lists it: one that ignores it loses nothing by it (RFC 9700 section 2.1.1).
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
  return url.href;
}
