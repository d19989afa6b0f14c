import type { ProxyFailure } from '../http/proxy-failure.ts';

/** Who is told how forwarding went. Exactly one of `failed` and `done` is called, once. */
export interface ForwardObserver {
  /** Milliseconds; only differences are used. */
  now(): number;
  /** Nothing was sent to the client yet: the caller answers, unless the client is gone (`client-aborted`). */
  failed(failure: ProxyFailure): void;
  /** The exchange is over, after an answer was begun. */
  done(outcome: ForwardOutcome): void;
  /** An upstream tried to set a cookie of ours (session fixation); it was dropped. */
  cookieDropped(name: string): void;
}

export interface ForwardOutcome {
  /** From the start of forwarding to the head of the upstream's answer; for an upgrade, to its 101. A stream may go on for days after it. */
  readonly upstreamMs: number;
  readonly status: number;
  /** Why the answer was cut short; undefined when it is whole. */
  readonly failure: ProxyFailure | undefined;
}
