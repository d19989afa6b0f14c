import type { InboundRules } from '../http/inbound-rules.ts';
import type { ListenerHandlers } from './listener-handlers.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { StallWatch } from './stall-watch.ts';

/** What both protocols need to turn messages into exchanges. */
export interface FrontOptions {
  readonly handlers: ListenerHandlers;
  readonly limits: ListenerLimits;
  readonly stalls: StallWatch;
  /** Asked for each request: they are of the snapshot that it will be judged by. */
  readonly inboundRules: () => InboundRules;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
}
