import type { HeaderList } from '../http/header-list.ts';
import type { BodyKind } from '../http/negotiate.ts';
import { bodyKindFor } from '../http/negotiate.ts';
import type { Reply } from '../http/reply.ts';
import type { ErrorText } from './error-text.ts';
import { errorText, namedTexts } from './error-text.ts';
import { grpcReply } from './grpc-reply.ts';
import { jsonReply } from './json-reply.ts';
import { kubernetesStatus } from './kubernetes-status.ts';
import { errorPage, mostAuthorities } from './pages/error-page.ts';
import { pageReply } from './pages/page-reply.ts';
import { textReply } from './text-reply.ts';

export interface ErrorReplyInput {
  readonly status: number;
  /** The text of a refusal that can have any status; undefined: the usual text of the status. */
  readonly text?: keyof typeof namedTexts | undefined;
  /** Names of the CAs whose certificates are wanted, where visitors may know them; a page tells the first five. */
  readonly authorities?: readonly string[] | undefined;
  /** Title, message and next step replace the usual text of the status. A visitor reads them: nothing of a rule or a secret belongs here. */
  readonly title?: string | undefined;
  readonly message?: string | undefined;
  readonly nextStep?: string | undefined;
  /** Where the page leads. */
  readonly link?: ErrorText['link'];
  /** The request's id. */
  readonly reference: string;
  /** The request's, for choosing between HTML, JSON, text and gRPC; empty when they could not be read. */
  readonly headers: HeaderList;
  readonly extraHeaders?: HeaderList | undefined;
  /** Replaces the `grpc-status` that goes with the HTTP status. */
  readonly grpc?: number | undefined;
}

/** An answer of ours that tells somebody no, in the form their client reads. For gRPC the HTTP status of the reply is 200. */
export function errorReply(input: ErrorReplyInput): Reply {
  const text = input.text === undefined ? errorText(input.status) : namedTexts[input.text];
  return writers[bodyKindFor(input.headers)](input, customised(text, input));
}

const writers: Readonly<Record<BodyKind, (input: ErrorReplyInput, text: ErrorText) => Reply>> = {
  html: ({ status, reference, authorities, extraHeaders = [] }, text) =>
    pageReply({
      status,
      title: text.title,
      main: errorPage(status, text, authorities),
      reference,
      extraHeaders: ['X-Pomerium-Intercepted-Response', 'true', ...extraHeaders],
    }),
  json: ({ status, reference, extraHeaders }, { short }) => jsonReply(status, { error: short, request_id: reference }, extraHeaders),
  text: (input, text) => textReply(input.status, writeText(text, input), input.extraHeaders),
  grpc: ({ status, reference, headers, extraHeaders = [], grpc }, { short }) =>
    grpcReply({ status, message: `${short} (${reference})`, headers, code: grpc, extraHeaders }),
  kubernetes: ({ status, reference, extraHeaders }, { short }) =>
    jsonReply(status, kubernetesStatus(status, `${short} (${reference})`), extraHeaders),
};

function customised(text: ErrorText, { title, message, nextStep, link }: ErrorReplyInput): ErrorText {
  const short = message ?? title ?? text.short;
  const next = nextStep === undefined ? {} : { steps: [nextStep] };
  const onward = link === undefined ? {} : { link };
  return { ...text, title: title ?? text.title, message: message ?? text.message, short, ...next, ...onward };
}

function writeText({ title, message, steps }: ErrorText, { reference, authorities = [] }: ErrorReplyInput): string {
  const next = steps.length > 1 ? steps.map((step) => `- ${step}`).join('\n') : (steps[0] ?? '');
  const wanted = authorities.length === 0 ? [] : [`Issued by: ${authorities.slice(0, mostAuthorities).join('; ')}`];
  return `${[title, message, ...wanted, next, `Reference: ${reference}`].join('\n\n')}\n`;
}
