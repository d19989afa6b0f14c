import { join } from 'node:path';
import type { LoadGenerator, LoadResult } from './load.ts';
import { runLoadProgram } from './load.ts';

/** Clients of Node in a process of their own, for what h2load can't do or where it is missing. They may cost more than the proxy, so only its CPU time is to be trusted. */
export const ownLoad: LoadGenerator = {
  name: 'own clients (node:https, node:http2)',
  run: async (order) =>
    JSON.parse(
      await runLoadProgram(process.execPath, [join(import.meta.dirname, 'own-client.ts'), JSON.stringify(order)], order.place),
    ) as LoadResult,
};
