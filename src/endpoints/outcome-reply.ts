import type { Inbound } from '../http/inbound.ts';
import type { Reply } from '../http/reply.ts';
import type { IdentityOutcome } from '../identity/create-identity.ts';
import { errorReply } from './error-reply.ts';
import { redirectReply } from './redirect-reply.ts';

/** A step of signing in or out as an answer; the cookies of a refusal are set as well. */
export function outcomeReply(outcome: IdentityOutcome, { id, headers }: Inbound): Reply {
  if (outcome.kind === 'redirect') return redirectReply(outcome);
  const { status, message, wanted, setCookies = [] } = outcome;
  return errorReply({
    status,
    title: status === 400 ? 'The sign-in could not be completed' : undefined,
    message,
    nextStep: 'Open the page that you wanted again, and sign in from there.',
    link: wanted === undefined ? undefined : { href: wanted.url, text: 'Open the page again' },
    reference: id,
    headers,
    extraHeaders: [
      ...setCookies.flatMap((cookie) => ['Set-Cookie', cookie]),
      // The URL is one of ours, and was under a seal: it holds nothing that could end the value.
      ...(wanted?.atOnce === true ? ['Refresh', `0; url=${wanted.url}`] : []),
    ],
  });
}
