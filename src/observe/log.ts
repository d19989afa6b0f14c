import { pino } from 'pino';
import { withoutRawControls } from './json-text.ts';
import type { LineWriter } from './line-writer.ts';
import { openLineWriter } from './line-writer.ts';
import { loggable } from './loggable.ts';
import { createRequestLine } from './request-line.ts';
import type { RequestRecord } from './request-record.ts';

/** Values beside a message. Names of secrets (`cookie`, `code`, `state`, anything with `token`, …) print `[redacted]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** JSON lines, one object each. Nothing of a secret, a query or a cookie gets into one. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** The one line of a finished request, at level `info`. */
  request(record: RequestRecord): void;
  /** Resolves when every line so far has been handed to the operating system. */
  flush(): Promise<void>;
}

export interface LogOptions {
  /** `trace`, `debug`, `info`, `warn`, `error`; a line below it is not written. Stacks of errors are written at `debug` and below. */
  readonly level: string;
  /** Takes each line, without its newline, as it comes; undefined: standard output, in batches. */
  readonly write?: ((line: string) => void) | undefined;
  /** Other processes write to the same output. */
  readonly sharesOutput?: boolean | undefined;
  /** Milliseconds since 1970; undefined: the system's clock. */
  readonly now?: (() => number) | undefined;
}

/** A log at the level given; throws on a level it does not know. */
export function createLog(options: LogOptions): Log {
  const { level, write, now, sharesOutput } = options;
  const lines: LineWriter = write === undefined ? openLineWriter(1, undefined, sharesOutput) : { write, gather: write, flush(): void {} };
  const logger = pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: now === undefined ? pino.stdTimeFunctions.isoTime : () => `,"time":"${new Date(now()).toISOString()}"`,
    },
    { write: (line: string) => lines.write(withoutRawControls(line.trimEnd())) },
  );
  const withStack = logger.isLevelEnabled('debug');
  const writesRequests = logger.isLevelEnabled('info');
  const requestLine = createRequestLine();

  function writeAt(method: 'debug' | 'info' | 'warn' | 'error'): Log['info'] {
    return (fields, message) => {
      if (logger.isLevelEnabled(method)) logger[method](loggable(fields, withStack), message);
    };
  }

  return {
    debug: writeAt('debug'),
    info: writeAt('info'),
    warn: writeAt('warn'),
    error: writeAt('error'),
    request(record) {
      if (writesRequests) lines.gather(requestLine(record));
    },
    async flush() {
      lines.flush();
    },
  };
}
