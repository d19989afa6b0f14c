import { setTimeout as after } from 'node:timers/promises';
import type { Settings } from './config/settings.ts';
import { loadJose } from './identity/load-jose.ts';
import { loadOpenidClient } from './identity/load-openid-client.ts';
import type { Log } from './observe/log.ts';
import { loadPromClient } from './observe/load-prom-client.ts';
import { loadHttpProxy } from './upstream/load-http-proxy.ts';
import { loadUndici } from './upstream/load-undici.ts';

/** What decides about it. */
type WantingSettings = Pick<Settings, 'routes' | 'identityProvider' | 'tokenIssuers' | 'metrics'>;

interface Library {
  readonly name: string;
  /** By what the configuration says. */
  readonly isWanted: (settings: WantingSettings) => boolean;
  readonly load: () => unknown;
}

/** What is loaded once the doors are open, in this order. */
const libraries: readonly Library[] = [
  { name: 'undici', isWanted: (settings) => forwards(settings) || signsIn(settings), load: loadUndici },
  { name: 'jose', isWanted: signsIn, load: loadJose },
  { name: 'openid-client', isWanted: signsIn, load: loadOpenidClient },
  { name: 'prom-client', isWanted: ({ metrics }) => metrics !== undefined, load: loadPromClient },
  { name: 'http-proxy-3', isWanted: ({ routes }) => routes.some(upgrades), load: loadHttpProxy },
];

/** Milliseconds. */
export interface LoadingPauses {
  /** The first requests are not to wait for what only later ones need; each library takes some ten milliseconds. */
  readonly first: number;
  readonly between: number;
  /** Files can't be opened while descriptors have run out. */
  readonly beforeAgain: number;
}

const usualPauses: LoadingPauses = { first: 300, between: 30, beforeAgain: 30_000 };

/**
 * Loads the libraries that no start waits for before somebody needs them: without it the first sign-in, scrape or WebSocket would wait
 * instead. One that can't be loaded is tried once more, and then told in the log; whoever needs it fails, and everybody else is served.
 */
export async function loadLater(settings: WantingSettings, log: Pick<Log, 'error'>, pauses: LoadingPauses = usualPauses): Promise<void> {
  const wanted = libraries.filter(({ isWanted }) => isWanted(settings));
  const failed = await loadEach(wanted, pauses.first, pauses.between);
  const missing = await loadEach([...failed.keys()], pauses.beforeAgain, pauses.between);
  for (const [{ name }, error] of missing)
    log.error(
      { library: name, error },
      'Cannot load a library of Postern, and what needs it fails: install Postern again where a file is missing',
    );
}

/** Answers those that could not be loaded, and why. */
async function loadEach(wanted: readonly Library[], first: number, between: number): Promise<ReadonlyMap<Library, unknown>> {
  const failed = new Map<Library, unknown>();
  let pause = first;
  for (const library of wanted) {
    await after(pause, undefined, { ref: false });
    pause = between;
    try {
      library.load();
    } catch (error) {
      failed.set(library, error);
    }
  }
  return failed;
}

function forwards({ routes }: WantingSettings): boolean {
  return routes.some(({ action }) => action.kind === 'forward');
}

function signsIn({ identityProvider, tokenIssuers }: WantingSettings): boolean {
  return identityProvider !== undefined || tokenIssuers.length > 0;
}

function upgrades({ action }: Settings['routes'][number]): boolean {
  return action.kind === 'forward' && action.upgrades.length > 0;
}
