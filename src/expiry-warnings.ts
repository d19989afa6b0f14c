import type { Ending } from './ending-soon.ts';
import { endingSoon } from './ending-soon.ts';
import type { Program } from './program.ts';

/** Looks through what is in force, and tells the log what ends soon: each thing once a day. */
export interface ExpiryWarnings extends Disposable {
  /** Looks now: after a reload. */
  look(): void;
}

export interface ExpiryWarningOptions {
  readonly program: Pick<Program, 'current' | 'log' | 'now'>;
  /** How often it looks by itself; an hour when left out. */
  readonly everyMs?: number | undefined;
}

const dayMs = 86_400_000;
const usualEveryMs = 3_600_000;

/** Begins with a first look. */
export function openExpiryWarnings({ program, everyMs = usualEveryMs }: ExpiryWarningOptions): ExpiryWarnings {
  const { current, log, now } = program;
  let told = new Map<string, number>();

  function look(): void {
    try {
      const at = now();
      const endings = new Map(endingSoon(current.snapshot, at).map((ending) => [JSON.stringify(ending), ending]));
      // What was replaced is forgotten.
      told = new Map([...told].filter(([key]) => endings.has(key)));
      for (const [key, ending] of endings) {
        const last = told.get(key);
        // A clock that was set back must not silence it for as long.
        if (last !== undefined && last <= at && at - last < dayMs) continue;
        told.set(key, at);
        log.warn(fieldsOf(ending, at), messageOf(ending, at));
      }
    } catch (error) {
      log.error({ error }, 'Certificates and revocation lists could not be looked through for those that end soon');
    }
  }

  look();
  const timer = setInterval(look, everyMs);
  timer.unref();
  return { look, [Symbol.dispose]: () => clearInterval(timer) };
}

function fieldsOf({ what, name, endsAt }: Ending, at: number) {
  return { what, name, ends_at: new Date(endsAt).toISOString(), days_left: Math.floor((endsAt - at) / dayMs) };
}

function messageOf({ what, endsAt }: Ending, at: number): string {
  return `A ${what} ${endsAt < at ? 'has ended' : 'ends soon'}: replace it`;
}
