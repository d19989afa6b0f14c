import { createRequire } from 'node:module';
import type * as HttpProxy from 'http-proxy-3';

const require = createRequire(import.meta.url);
let loaded: typeof HttpProxy | undefined;

/** The library that switches protocols, loaded by whoever needs it first: by the first WebSocket at the latest. */
export function loadHttpProxy(): typeof HttpProxy {
  return (loaded ??= require('http-proxy-3') as typeof HttpProxy);
}
