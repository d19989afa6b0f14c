import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';

/** Work of V8 for later: `optimizing` is the slow compiler (TurboFan), `marking` looks through the heap little by little before it is full. */
export type Upkeep = 'optimizing' | 'marking';

const flagOf: Readonly<Record<Upkeep, string>> = { optimizing: 'turbofan', marking: 'incremental-marking' };
// Has code that is compiled meanwhile count its calls all the same: what stays busy is optimised when the time is over.
const counting = 'force-emit-interrupt-budget-checks';

const deferrals: Record<Upkeep, number> = { optimizing: 0, marking: 0 };

/**
 * Has V8 put that work off until this is disposed, by everybody who asked for it. Reading and building a configuration is over before the
 * work has paid for itself, and where cores are few it takes its time from what it is to speed up. What was optimised before stays so, and
 * what whoever started the process turned off stays off.
 */
export function deferUpkeep(...kinds: readonly Upkeep[]): Disposable {
  const ending = new DisposableStack();
  for (const kind of kinds) {
    const flag = flagOf[kind];
    if (deferrals[kind] === 0) {
      if (!isOn(flag)) continue;
      if (kind === 'optimizing') turnOn(counting);
      turnOff(flag);
    }
    deferrals[kind] += 1;
    ending.defer(() => {
      deferrals[kind] -= 1;
      if (deferrals[kind] > 0) return;
      turnOn(flag);
      if (kind === 'optimizing') turnOff(counting);
    });
  }
  return ending;
}

/** V8 does not say, but its tag is made of the flags: to turn on what is on changes nothing. */
function isOn(flag: string): boolean {
  const tag = cachedDataVersionTag();
  turnOn(flag);
  if (cachedDataVersionTag() === tag) return true;
  turnOff(flag);
  return false;
}

function turnOn(flag: string): void {
  setFlagsFromString(`--${flag}`);
}

function turnOff(flag: string): void {
  setFlagsFromString(`--no-${flag}`);
}
