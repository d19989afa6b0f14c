import type { Connection } from './http/connection.ts';
import { endRevokedConnections } from './end-revoked-connections.ts';
import { openExpiryWarnings } from './expiry-warnings.ts';
import { endForStop } from './judge-stream.ts';
import type { ListenOptions } from './listen.ts';
import { listen } from './listen.ts';
import type { Listener } from './listener/open-listener.ts';
import type { OverloadLimits, OverloadWatch } from './overload-watch.ts';
import { openOverloadWatch, usualOverloadLimits } from './overload-watch.ts';
import type { Program } from './program.ts';

export interface DoorOptions extends Omit<ListenOptions, 'overload'> {
  /** Those that differ from the usual ones. */
  readonly overload?: Partial<OverloadLimits> | undefined;
  /** How often connections are looked through for revoked certificates; the usual two seconds when left out. */
  readonly lookEveryMs?: number | undefined;
  /** Whether the log is told what ends soon: of several workers by one. */
  readonly warnsOfEndings: boolean;
}

export interface Doors extends Pick<Listener, 'addresses' | 'redirectAddress'> {
  readonly overload: OverloadWatch;
  /** Another configuration is in force. */
  configured(): void;
  /** Refuses new connections, lets what runs come to its end for `graceMs`, then cuts the rest. Called again, it changes the grace. */
  drain(graceMs: number): Promise<void>;
  /** Ends what looks again and again: after the last drain. */
  close(): void;
}

const usualLookMs = 2_000;
// Of a grace: for the last words to streams that did not end in it.
const farewellMs = 500;

/** Opens the listeners, and everything that looks again and again at who comes in by them. */
export async function openDoors(program: Program, options: DoorOptions): Promise<Doors> {
  const { lookEveryMs = usualLookMs, warnsOfEndings } = options;
  using opened = new DisposableStack();
  const overload = opened.use(watchOverload(program, { ...usualOverloadLimits, ...options.overload }));
  const listener = await listen(program, { ...options, overload });
  const endConnections = (isOver: (connection: Connection) => boolean): number => listener.endConnections(isOver);
  opened.use(endRevokedConnections({ program, endConnections, everyMs: lookEveryMs }));
  const endings = warnsOfEndings ? opened.use(openExpiryWarnings({ program })) : undefined;
  const watches = opened.move();
  return {
    addresses: listener.addresses,
    redirectAddress: listener.redirectAddress,
    overload,
    configured: () => endings?.look(),
    async drain(graceMs) {
      // Without a grace there is no time to say anything.
      const say = (): void => (graceMs > 0 ? endForStop(program.streams) : undefined);
      const farewell = setTimeout(say, graceMs - Math.min(farewellMs, graceMs / 2));
      await listener.drain(graceMs);
      clearTimeout(farewell);
    },
    close: () => watches.dispose(),
  };
}

/** One line when it begins and one when it is over; the requests turned away between have theirs. */
function watchOverload({ log, metrics }: Program, limits: OverloadLimits): OverloadWatch {
  return openOverloadWatch({
    limits,
    clock: () => performance.now(),
    onLag: (lagMs) => metrics.lag(lagMs),
    onChange(isOverloaded, lagMs) {
      if (isOverloaded) log.warn({ lag_ms: Math.round(lagMs) }, 'Postern is overloaded: new requests are answered 503');
      else log.warn({ lag_ms: Math.round(lagMs) }, 'Postern is no longer overloaded');
    },
  });
}
