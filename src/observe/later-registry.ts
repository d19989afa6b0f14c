import type * as Library from 'prom-client';
import type { Registry } from 'prom-client';
import { loadPromClient } from './load-prom-client.ts';

/** Makes one metric in a registry. What it counts, it counts from before. */
export type MakeMetric = (library: typeof Library, registry: Registry) => void;

/**
 * A registry that is made when it is asked for the first time, and the library loaded with it: everything is counted in plain numbers, and
 * only a scraper wants them in words. A start is shorter by that, and by all of it where nobody scrapes.
 */
export class LaterRegistry {
  readonly #makers: MakeMetric[] = [];
  #opened: Registry | undefined;

  /** Before the first `open`; metrics are written in this order. */
  add(make: MakeMetric): void {
    this.#makers.push(make);
  }

  /** The same one each time, with everything that was added. Throws while the library can't be loaded. */
  open(): Registry {
    this.#opened ??= this.#make();
    return this.#opened;
  }

  #make(): Registry {
    const library = loadPromClient();
    const registry = new library.Registry();
    for (const make of this.#makers) make(library, registry);
    return registry;
  }
}
