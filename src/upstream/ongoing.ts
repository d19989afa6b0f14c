import type { ProxyFailure } from '../http/proxy-failure.ts';

/** A request that was handed to an upstream, or the tunnel that came of one, until its observer hears of its end. */
export interface Ongoing {
  /** The endpoint it went to, as configured. */
  readonly upstreamUrl: string;
  /**
   * Ends both sides: with a reply where no answer was begun, else so that nobody takes what came for the whole. A WebSocket is told why,
   * by its close frame (RFC 6455 section 7.4.1). False, and nothing happens, when it is over already: the client may be reading the rest still.
   */
  end(failure: ProxyFailure): boolean;
}
