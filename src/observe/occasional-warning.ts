import type { Log, LogFields } from './log.ts';

/** `key` is a word of the program: each has its own turn. */
export type OccasionalWarning = (key: string, fields: LogFields, message: string) => void;

/**
 * Warns of what strangers can make happen as often as they like: of each kind at once, and then no more than one line in `everyMs`, which
 * says in `times` how often it happened since the line before. What comes after the last line is in the metrics alone.
 */
export function createOccasionalWarning(log: Pick<Log, 'warn'>, now: () => number, everyMs: number = 10_000): OccasionalWarning {
  const kinds = new Map<string, { quietUntil: number; times: number }>();
  return (key, fields, message) => {
    const at = now();
    const kind = kinds.get(key) ?? { quietUntil: at, times: 0 };
    kinds.set(key, kind);
    kind.times += 1;
    // A clock that was set back must not silence it for long.
    if (at < kind.quietUntil && kind.quietUntil - at <= everyMs) return;
    log.warn({ ...fields, times: kind.times }, message);
    kind.times = 0;
    kind.quietUntil = at + everyMs;
  };
}
