import { createRequire } from 'node:module';
import type * as Undici from 'undici';

const require = createRequire(import.meta.url);
let loaded: typeof Undici | undefined;

/** The HTTP client, loaded by whoever needs it first: no connection is opened before somebody asks, and a start waits for nothing. */
export function loadUndici(): typeof Undici {
  return (loaded ??= require('undici') as typeof Undici);
}
