import type { IdentityOutcome } from './identity.ts';

type Refusal = Extract<IdentityOutcome, { kind: 'refused' }>;

/** Why a step of the sign-in was refused. */
export type RefusalReason =
  | 'sign-in-not-configured'
  | 'signature-invalid'
  | 'return-url-refused'
  | 'sign-in-expired'
  | 'state-missing'
  | 'state-altered'
  | 'state-other-browser'
  | 'state-used'
  | 'provider-denied'
  | 'provider-error'
  | 'provider-answer-invalid'
  | 'hand-over-invalid'
  | 'hand-over-expired'
  | 'hand-over-other-browser'
  | 'hand-over-used'
  | 'session-cookie-contested'
  | 'certificate-request-invalid'
  | 'certificate-not-shown'
  | 'certificate-not-mapped'
  | 'certificate-answer-invalid'
  | 'redirect-refused'
  | 'login-url-invalid'
  | 'login-url-expired'
  | 'login-url-embedded'
  | 'login-url-used';

// What to do next is the same for all of them, and the page says it.
const refusals: Readonly<Record<RefusalReason, readonly [status: Refusal['status'], message: string]>> = {
  'sign-in-not-configured': [400, 'Nobody can sign in here, because no identity provider is configured.'],
  'signature-invalid': [400, 'This sign-in link is not valid.'],
  'return-url-refused': [400, 'This sign-in link leads to a place that is not served here.'],
  'sign-in-expired': [400, 'Signing in took too long.'],
  'state-missing': [400, 'The answer of the identity provider does not belong to a sign-in that was begun here.'],
  'state-altered': [400, 'The answer of the identity provider does not belong to a sign-in that was begun here.'],
  'state-other-browser': [400, 'This sign-in was begun in another browser, or its cookies were deleted.'],
  'state-used': [400, 'This sign-in was completed before.'],
  'provider-denied': [403, 'The identity provider says that the sign-in was denied.'],
  'provider-error': [400, 'The identity provider could not complete the sign-in.'],
  'provider-answer-invalid': [400, 'The answer of the identity provider is not valid.'],
  'hand-over-invalid': [400, 'This sign-in link is not valid.'],
  'hand-over-expired': [400, 'Signing in took too long.'],
  'hand-over-other-browser': [400, 'This sign-in was begun in another browser, or its cookies were deleted.'],
  'hand-over-used': [400, 'This sign-in link was used before.'],
  'session-cookie-contested': [400, 'Another site has set a cookie for this one, so that it is not certain who you are.'],
  'certificate-request-invalid': [400, 'This sign-in link is not valid.'],
  'certificate-not-shown': [403, 'Your browser showed no certificate that you could sign in with here.'],
  'certificate-not-mapped': [403, 'Your certificate belongs to nobody who can sign in here.'],
  'certificate-answer-invalid': [400, 'This sign-in link is not valid.'],
  'redirect-refused': [400, 'A program asks for a sign-in that ends at a place that is not on the list of this server.'],
  'login-url-invalid': [400, 'This sign-in link is not valid.'],
  'login-url-expired': [400, 'This sign-in link is too old: start again in the program that you got it from.'],
  'login-url-embedded': [400, 'This sign-in link has to be opened as a page of its own.'],
  'login-url-used': [400, 'This sign-in link was used before: start again in the program that you got it from.'],
};

/**
 * The refusal of one reason: what the visitor reads is fixed, so nothing of the request can be reflected. `wanted` is the page they
 * came for, where a sign-in of ours says so.
 */
export function refuse(reason: RefusalReason, wanted?: Refusal['wanted']): Refusal {
  const [status, message] = refusals[reason];
  return { kind: 'refused', status, reason, message, ...(wanted === undefined ? {} : { wanted }) };
}
