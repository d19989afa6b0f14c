import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launched } from './processes.ts';

const patienceMs = 20_000;

/** Resolves when something accepts connections there; rejects when the process that should ends first, or takes too long. */
export async function awaitPort(name: string, port: number, launched: Launched): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let ended = false;
  const end = launched.ended.finally(() => {
    ended = true;
  });
  end.catch(() => undefined);
  while (!(await accepts(port))) {
    if (ended) throw new Error(`${name} ended with status ${await end} before it listened`);
    if (performance.now() > deadline) throw new Error(`${name} did not listen within ${patienceMs} ms`);
    await sleep(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
