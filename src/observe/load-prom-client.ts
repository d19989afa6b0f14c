import type * as PromClient from 'prom-client';
import { loadPackage } from '../http/load-package.ts';

/** The library that writes metrics, loaded by whoever needs it first: by the first scrape at the latest, and a start waits for nothing. */
export function loadPromClient(): typeof PromClient {
  return loadPackage('prom-client') as typeof PromClient;
}
