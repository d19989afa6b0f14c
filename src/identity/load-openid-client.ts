import type * as OpenidClient from 'openid-client';
import { loadPackage } from '../http/load-package.ts';

/** The library for OpenID Connect, loaded by whoever needs it first: nobody does before somebody signs in, and a start waits for nothing. */
export function loadOpenidClient(): typeof OpenidClient {
  return loadPackage('openid-client') as typeof OpenidClient;
}
