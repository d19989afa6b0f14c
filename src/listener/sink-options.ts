import type { ClientBody } from './client-body.ts';
import type { ListenerLimits } from './listener-limits.ts';
import type { StallWatch } from './stall-watch.ts';

/** What a sink needs beside Node's own object of the answer. */
export interface SinkOptions {
  readonly body: ClientBody | undefined;
  readonly stalls: StallWatch;
  readonly limits: ListenerLimits;
  /** Called once an answer was begun that is the last one on its connection. */
  onClosing(): void;
}
