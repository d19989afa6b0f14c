import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Settings, SettingsDocument } from './config/settings.ts';

/** In lower hex; the same promise each time. */
export type ConfigHash = () => Promise<string>;

// Some milliseconds of work: requests are served between one part and the next.
const routesPerTurn = 200;

/**
 * Names a configuration in the metrics: a hash of the JSON of what was read, secrets left out by their own JSON form. Nobody but a scraper
 * wants it, and with thousands of routes it takes as long as reading them, so it is made when it is asked for.
 */
export function configHash({ settings }: Pick<SettingsDocument, 'settings'>): ConfigHash {
  let made: Promise<string> | undefined;
  return async () => {
    made ??= hashInTurns(settings);
    return made;
  };
}

async function hashInTurns(settings: Settings): Promise<string> {
  const hash = createHash('sha256');
  for (const text of jsonParts(settings)) {
    hash.update(text);
    await nextTurn();
  }
  return hash.digest('hex');
}

/** Together they are `JSON.stringify(settings)`. */
function* jsonParts(settings: Settings): Generator<string> {
  let separator = '{';
  for (const [key, value] of Object.entries(settings)) {
    // As for the whole: what JSON knows no word for is left out.
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(key)}:`;
    if (key === 'routes') yield* listParts(settings.routes);
    else yield JSON.stringify(value);
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

function* listParts(list: readonly unknown[]): Generator<string> {
  yield '[';
  for (let from = 0; from < list.length; from += routesPerTurn) {
    const inner = JSON.stringify(list.slice(from, from + routesPerTurn)).slice(1, -1);
    yield from === 0 ? inner : `,${inner}`;
  }
  yield ']';
}
