import type * as Undici from 'undici';
import { loadPackage } from '../http/load-package.ts';

/** The HTTP client, loaded by whoever needs it first: no connection is opened before somebody asks, and a start waits for nothing. */
export function loadUndici(): typeof Undici {
  return loadPackage('undici') as typeof Undici;
}
