import type * as Jose from 'jose';
import { loadPackage } from '../http/load-package.ts';

/** The library for signed tokens, loaded by whoever needs it first: nobody does before somebody shows one, and a start waits for nothing. */
export function loadJose(): typeof Jose {
  return loadPackage('jose') as typeof Jose;
}
