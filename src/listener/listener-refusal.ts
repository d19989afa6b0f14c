import type { InboundReason, InboundRefusal } from '../http/inbound.ts';

/** Beside those reasons the ones that only a message on the wire can have, so that `explain` seldom meets them. */
export type ListenerReason =
  | InboundReason
  | 'header-invalid'
  | 'headers-too-large'
  | 'framing-invalid'
  | 'upgrade-invalid'
  | 'method-refused'
  | 'expectation-failed';

/** A refusal with the status that HTTP has for it. */
export interface ListenerRefusal extends Omit<InboundRefusal, 'reason'> {
  readonly reason: ListenerReason;
  readonly status: RefusalStatus;
}

export type RefusalStatus = 400 | 405 | 417 | 426 | 431;

/** A request that is sent to the address where it is served: with a path of slashes, or with TLS. */
export interface ListenerRedirect extends Omit<InboundRefusal, 'kind' | 'reason'> {
  readonly kind: 'redirected';
  readonly reason: 'path-escaped-slash' | 'https-required';
  readonly status: 301 | 307;
  /** Absolute, and of the very host that was asked: no part of a request makes it lead elsewhere. */
  readonly location: string;
}

/** What the listener has an answer to by itself: no route ever sees it. */
export type Unserved = ListenerRefusal | ListenerRedirect;
