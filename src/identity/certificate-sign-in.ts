import { randomUUID } from 'node:crypto';
import type { MappedIdentity, MappingDetail } from '../certificate/certificate-mapping.ts';
import type { LeafFacts } from '../certificate/verdict.ts';
import type { Inbound } from '../http/inbound.ts';
import { allowedReturn } from './allowed-return.ts';
import type { CertificateSignInServices } from './identity-parts.ts';
import type { IdentityOutcome } from './identity.ts';
import { openSession } from './open-session.ts';
import type { RefusalReason } from './refuse.ts';
import { refuse } from './refuse.ts';
import { restartSignIn } from './restart-sign-in.ts';
import type { Sealer } from './sealer.ts';
import type { Grant } from './session.ts';
import type { SignInRequest } from './sign-in-request.ts';
import { isInTime, rememberUsedMs } from './sign-in-state.ts';
import { signInChoiceUrl } from './start-sign-in.ts';

/** What the connection to the certificate host showed, and who it stands for there. */
export type ShownCertificate =
  /** None, or one that is not valid: which of the two is nobody's business. */
  | { readonly kind: 'none' }
  | { readonly kind: 'not-mapped'; readonly detail: MappingDetail; readonly explanation: string }
  | { readonly kind: 'mapped'; readonly identity: MappedIdentity; readonly leaf: LeafFacts };

/** What goes along to the certificate host, sealed: all that a sign-in there has to know again. */
interface CertificateRequest extends SignInRequest {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** The mark of the browser at the authenticate host, where the sign-in began. */
  readonly browser: string;
}

/** What the certificate host tells the authenticate host, sealed. */
interface CertificateAnswer {
  readonly request: CertificateRequest;
  readonly issuedAt: number;
  readonly identity: Pick<MappedIdentity, 'rule' | 'user' | 'email' | 'name' | 'groups'>;
  readonly certificate: NonNullable<Grant['certificate']>;
  readonly notAfter: number;
}

const requestContext = 'certificate sign-in';
// A redirect follows at once; a slow line and clocks that differ need no more.
const answerLifetimeMs = 120_000;

/** Where the button of the sign-in page leads: to the certificate host, on behalf of this browser. */
export function certificateRequestUrl(
  services: CertificateSignInServices,
  { mark, ...request }: SignInRequest & { readonly mark: string },
): string {
  const { certificateUrl, certificateSealer, now } = services;
  const sealed: CertificateRequest = { ...request, id: randomUUID(), issuedAt: now(), browser: mark };
  return `${certificateUrl.origin}/.pomerium/certificate_sign_in?request=${certificateSealer.seal(JSON.stringify(sealed), requestContext)}`;
}

/**
 * At the certificate host. Nobody is signed in here: this host can't know which browser began, so whoever the certificate stands for goes to
 * the authenticate host under a seal, and counts there in the browser that began and nowhere else.
 */
export async function askCertificate(
  services: CertificateSignInServices,
  inbound: Inbound,
  shown: ShownCertificate,
): Promise<IdentityOutcome> {
  const { certificateSealer, links, now, log } = services;
  const request = readRequest(services, inbound);
  if (request === undefined) return refuse('certificate-request-invalid');
  if (allowedReturn(services, request.returnTo) === undefined) return refuse('return-url-refused');
  const choice = signInChoiceUrl(services, request);
  // The page of the choice waits for a click, so that nobody is led in circles.
  if (!isInTime(request, now())) return { kind: 'redirect', location: choice, setCookies: [] };
  if (shown.kind === 'not-mapped') {
    const { detail, explanation } = shown;
    log.info({ request_id: inbound.id, detail, explanation }, 'A sign-in was refused: the certificate stands for nobody');
  }
  if (shown.kind !== 'mapped') return { ...refuse(refusals[shown.kind]), choice };
  const { leaf, identity } = shown;
  const { rule, user, email, name, groups } = identity;
  const isLinked = (await links.read(leaf.fingerprint))?.account.user === user;
  const answer: CertificateAnswer = {
    request,
    issuedAt: now(),
    identity: { rule, user, email, name, groups },
    certificate: { fingerprint: leaf.fingerprint, isLinked },
    notAfter: leaf.notAfter,
  };
  const callback = callbackUrl(services);
  return { kind: 'redirect', location: `${callback}?answer=${certificateSealer.seal(JSON.stringify(answer), callback)}`, setCookies: [] };
}

const refusals: Readonly<Record<Exclude<ShownCertificate['kind'], 'mapped'>, RefusalReason>> = {
  none: 'certificate-not-shown',
  'not-mapped': 'certificate-not-mapped',
};

/** At the authenticate host: the same end that an answer of the provider has. */
export async function finishCertificateSignIn(services: CertificateSignInServices, inbound: Inbound): Promise<IdentityOutcome> {
  const { browser, store, now, sessionMs, log } = services;
  const answer = readAnswer(services, inbound);
  if (answer === undefined) return refuse('certificate-answer-invalid');
  const { request, identity, certificate, notAfter } = answer;
  const target = allowedReturn(services, request.returnTo);
  if (target === undefined) return refuse('return-url-refused');
  const wanted = { url: target.url, atOnce: false };
  // Before it counts as used: whoever only saw the URL must not be able to spend it.
  if (!browser.isSameBrowser(inbound, request.browser))
    return refuse('state-other-browser', { ...wanted, atOnce: browser.isKnown(inbound) });
  if (!(await store.add(`state/${request.id}`, new Uint8Array(), now() + rememberUsedMs))) return refuse('state-used', wanted);
  const isFresh = isInTime(request, now()) && Math.abs(now() - answer.issuedAt) <= answerLifetimeMs;
  if (!isFresh || notAfter <= now()) return restartSignIn(services, inbound, target);
  log.info({ user: identity.user, rule: identity.rule, fingerprint: certificate.fingerprint }, 'Somebody signed in with a certificate');
  return openSession(services, inbound, {
    userId: identity.user,
    grant: grantOf(answer),
    // A session must not outlast what it was begun with.
    expiresAt: Math.min(now() + sessionMs, notAfter),
    target,
    routeBrowser: request.routeBrowser,
  });
}

/** What a provider would have said, in its words. There is nothing to show elsewhere, and nobody to ask again. */
function grantOf({ identity: { user, email, name, groups }, certificate }: CertificateAnswer): Grant {
  const said = Object.entries({ email, name }).filter(([, value]) => value !== undefined);
  return {
    idTokenClaims: { sub: user, ...Object.fromEntries(said), ...(groups.length === 0 ? {} : { groups }), amr: ['mtls'] },
    userInfo: {},
    accessToken: undefined,
    idToken: undefined,
    refreshToken: undefined,
    accessExpiresAt: undefined,
    certificate,
  };
}

function callbackUrl({ authenticate }: CertificateSignInServices): string {
  return `${authenticate.url.origin}/.pomerium/certificate_callback`;
}

function readRequest({ certificateSealer }: CertificateSignInServices, inbound: Inbound): CertificateRequest | undefined {
  const text = openParameter(inbound, 'request', certificateSealer, requestContext);
  // The seal proves that the text is ours, shape included.
  return text === undefined ? undefined : (JSON.parse(text) as CertificateRequest);
}

function readAnswer(services: CertificateSignInServices, inbound: Inbound): CertificateAnswer | undefined {
  const text = openParameter(inbound, 'answer', services.certificateSealer, callbackUrl(services));
  return text === undefined ? undefined : (JSON.parse(text) as CertificateAnswer);
}

/** What we sealed into one parameter of a query; undefined for everything else. */
function openParameter({ query }: Inbound, name: string, sealer: Sealer, context: string): string | undefined {
  const [sealed, ...others] = new URLSearchParams(query).getAll(name);
  return sealed === undefined || others.length > 0 ? undefined : sealer.open(sealed, context);
}
