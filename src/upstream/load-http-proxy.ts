import type * as HttpProxy from 'http-proxy-3';
import { loadPackage } from '../http/load-package.ts';

/** The library that switches protocols, loaded by whoever needs it first: by the first WebSocket at the latest. */
export function loadHttpProxy(): typeof HttpProxy {
  return loadPackage('http-proxy-3') as typeof HttpProxy;
}
