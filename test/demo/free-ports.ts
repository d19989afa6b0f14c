import type { Server } from 'node:net';
import { createServer } from 'node:net';

/** The first of `count` neighbouring ports of which each was free a moment ago. */
export async function findFreePorts(count: number): Promise<number> {
  // Below what systems hand out by themselves, and elsewhere for each process, since tests run side by side.
  for (let base = 20_000 + (process.pid % 120) * 100; base < 32_000; base += count) {
    if (await areFree(base, count)) return base;
  }
  throw new Error(`there are no ${count} free ports side by side`);
}

async function areFree(base: number, count: number): Promise<boolean> {
  const taken = await Promise.all(Array.from({ length: count }, (_, index) => tryPort(base + index)));
  for (const server of taken) server?.close();
  return taken.every((server) => server !== undefined);
}

function tryPort(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
