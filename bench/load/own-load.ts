import type { LoadGenerator, LoadResult } from './load.ts';
import { runOwnClient } from './load.ts';

/** Clients of Node in a process of their own, for what h2load can't do or where it is missing. They may cost more than the proxy, so only its CPU time is to be trusted. */
export const ownLoad: LoadGenerator = {
  name: 'own clients (node:https, node:http2)',
  run: async (order) => (await runOwnClient('own-client.ts', order, order.place)) as LoadResult,
};
