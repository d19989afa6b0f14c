import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../test/walk/house.ts';
import type { BenchFiles } from '../bench-files.ts';
import { appHost } from '../bench-files.ts';

const patienceMs = 15_000;

/** Resolves when there is an answer of a route: some proxies listen before they know what to do, and hang up or know no host till then. */
export async function awaitAnswer(name: string, port: number, { pki }: BenchFiles): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const last = await ask({ port, pki }, `https://${appHost}/`).then(
      ({ status }) => (status < 500 && status !== 404 ? undefined : `status ${status}`),
      (error: unknown) => String(error),
    );
    if (last === undefined) return;
    if (performance.now() > deadline) throw new Error(`${name} listens and gives no answer within ${patienceMs} ms: ${last}`);
    await sleep(50);
  }
}
