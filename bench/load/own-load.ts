import { join } from 'node:path';
import type { LoadGenerator, LoadResult } from './load.ts';
import { runLoadProgram } from './load.ts';

/** Where h2load is missing: clients of Node in a process of their own. They cost more than a proxy, so only CPU per request is to be trusted. */
export const ownLoad: LoadGenerator = {
  name: 'own clients (node:https, node:http2)',
  run: async (order) =>
    JSON.parse(await runLoadProgram(process.execPath, [join(import.meta.dirname, 'own-client.ts'), JSON.stringify(order)])) as LoadResult,
};
