import { createRequire } from 'node:module';
import type * as OpenidClient from 'openid-client';

const require = createRequire(import.meta.url);
let loaded: typeof OpenidClient | undefined;

/** The library for OpenID Connect, loaded by whoever needs it first: nobody does before somebody signs in, and a start waits for nothing. */
export function loadOpenidClient(): typeof OpenidClient {
  return (loaded ??= require('openid-client') as typeof OpenidClient);
}
