import type { Current } from './current.ts';
import type { ForwardedStream } from './judge-stream.ts';
import type { LiveStreams } from './live/live-streams.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';

/** What the handlers of a running Postern share. */
export interface Program {
  readonly current: Current;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Everything that is being forwarded. */
  readonly streams: LiveStreams<ForwardedStream>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
