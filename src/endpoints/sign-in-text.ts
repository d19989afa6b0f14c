import type { ErrorReplyInput } from './error-reply.ts';

type SignInFailure = 'provider-unreachable' | 'provider-refused';

const messages: Readonly<Record<SignInFailure, string>> = {
  'provider-unreachable': 'The service where people sign in does not answer. Whoever is signed in already is not affected.',
  'provider-refused': 'The service where people sign in gave an answer that cannot be used. Whoever is signed in already is not affected.',
};
const retryAfterSeconds = '10';

/** What a visitor reads who can't sign in because of the identity provider, with a way back to the page they wanted. */
export function signInText(
  failure: SignInFailure,
  returnTo: string | undefined,
): Pick<ErrorReplyInput, 'title' | 'message' | 'nextStep' | 'link' | 'extraHeaders'> {
  return {
    title: 'Sign-in is not possible at the moment',
    message: messages[failure],
    nextStep: 'Try again in a few minutes. If this goes on, tell the people who run this site and give them the reference below.',
    link: returnTo === undefined ? undefined : { href: returnTo, text: 'Try again' },
    extraHeaders: failure === 'provider-unreachable' ? ['Retry-After', retryAfterSeconds] : [],
  };
}
