import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects what nobody holds any more; what is referred to weakly is held until the turn of the event loop ends. */
export async function collectGarbage(): Promise<void> {
  await new Promise(setImmediate);
  collect();
}
