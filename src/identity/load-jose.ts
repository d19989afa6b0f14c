import { createRequire } from 'node:module';
import type * as Jose from 'jose';

const require = createRequire(import.meta.url);
let loaded: typeof Jose | undefined;

/** The library for signed tokens, loaded by whoever needs it first: nobody does before somebody shows one, and a start waits for nothing. */
export function loadJose(): typeof Jose {
  return (loaded ??= require('jose') as typeof Jose);
}
