import type { InboundReason, InboundRefusal } from '../http/inbound.ts';

/** Beside the reasons of contract section 2 those that only a message on the wire can have, so that `explain` seldom meets them. */
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
