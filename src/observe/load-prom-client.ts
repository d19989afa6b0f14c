import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';

const require = createRequire(import.meta.url);
let loaded: typeof PromClient | undefined;

/** The library that writes metrics, loaded by whoever needs it first: by the first scrape at the latest, and a start waits for nothing. */
export function loadPromClient(): typeof PromClient {
  return (loaded ??= require('prom-client') as typeof PromClient);
}
