import type { Inbound } from '../http/inbound.ts';
import type { Reply } from '../http/reply.ts';
import type { IdentityOutcome, SignInChoice } from '../identity/create-identity.ts';
import type { ErrorReplyInput } from './error-reply.ts';
import { errorReply } from './error-reply.ts';
import { pageReply } from './pages/page-reply.ts';
import { signInPage } from './pages/sign-in-page.ts';
import { redirectReply } from './redirect-reply.ts';

type Refusal = Extract<IdentityOutcome, { kind: 'refused' }>;

/** A step of signing in or out as an answer; the cookies of a refusal are set as well. */
export function outcomeReply(outcome: IdentityOutcome | SignInChoice, { id, headers }: Inbound): Reply {
  switch (outcome.kind) {
    case 'redirect':
      return redirectReply(outcome);
    case 'choose': {
      const extraHeaders = outcome.setCookies.flatMap((cookie) => ['Set-Cookie', cookie]);
      return pageReply({ status: 200, title: 'Sign in', main: signInPage(outcome), reference: id, extraHeaders });
    }
    case 'refused': {
      const { status, message, wanted, setCookies = [] } = outcome;
      return errorReply({
        status,
        message,
        ...whatNext(outcome),
        reference: id,
        headers,
        extraHeaders: [
          ...setCookies.flatMap((cookie) => ['Set-Cookie', cookie]),
          // The URL is one of ours, and was under a seal: it holds nothing that could end the value.
          ...(wanted?.atOnce === true ? ['Refresh', `0; url=${wanted.url}`] : []),
        ],
      });
    }
  }
}

function whatNext({ status, wanted, choice }: Refusal): Pick<ErrorReplyInput, 'title' | 'nextStep' | 'link'> {
  const title = status === 400 || choice !== undefined ? 'The sign-in could not be completed' : undefined;
  if (choice === undefined) {
    const link = wanted === undefined ? undefined : { href: wanted.url, text: 'Open the page again' };
    return { title, nextStep: 'Open the page that you wanted again, and sign in from there.', link };
  }
  return {
    title,
    nextStep:
      'Sign in another way. If your browser should have shown another certificate, close all of its windows first: ' +
      'it remembers which one you chose, also that you chose none.',
    link: { href: choice, text: 'Choose how to sign in' },
  };
}
