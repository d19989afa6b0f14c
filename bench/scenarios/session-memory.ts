import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostern } from '../candidates/postern.ts';
import { writeSessions } from '../write-sessions.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Figures, Scenario } from './scenario.ts';

const mib = 2 ** 20;
const patienceMs = 20_000;
const shape = { protocol: 'http/1.1', connections: 32, streams: 1 } as const;

/** What sessions take up in the process. */
export const sessionMemory: Scenario = {
  id: 'session-memory',
  title: 'Memory of live sessions',
  about:
    'Sessions of different people, written into the store by the code of the program; each asks once, so that the process has met them all. Memory is read after a collection of garbage, and compared with that of the same process when it had answered as many requests of one person. A bound on what is remembered limits it.',
  columns: [
    { key: 'sessions', title: 'sessions', digits: 0 },
    { key: 'idleResidentMib', title: 'resident MiB before', digits: 1 },
    { key: 'addedResidentMib', title: 'resident MiB added', digits: 1 },
    { key: 'idleHeapMib', title: 'heap MiB before', digits: 1 },
    { key: 'addedHeapMib', title: 'heap MiB added', digits: 1 },
  ],
  mostRounds: 1,
  async enter(stage, leaving) {
    const memoryFile = join(stage.files.directory, 'memory.json');
    const nodeFlags = ['--expose-gc', '--import', join(import.meta.dirname, '../collect-garbage.ts')];
    const environment = { BENCH_MEMORY_FILE: memoryFile };
    const { files, upstream } = stage;
    const postern = await openPostern({ files, upstreamPort: upstream.port, nodeFlags, environment });
    leaving.defer(() => postern.stop());
    const order = pageOrder(stage, postern, shape);
    const sessions = stage.quick ? 20_000 : 100_000;
    const contestant: Contestant = {
      name: postern.name,
      warmUp: async () => undefined,
      async measure(): Promise<Figures> {
        await stage.load.run({ ...order, requests: sessions });
        const idle = await memoryOf(postern.pid, memoryFile);
        const cookieFile = await writeSessions(postern.program, sessions);
        await stage.load.run({ ...order, cookieFile, requests: sessions });
        const full = await memoryOf(postern.pid, memoryFile);
        return {
          sessions,
          idleResidentMib: idle.residentMib,
          addedResidentMib: full.residentMib - idle.residentMib,
          idleHeapMib: idle.heapMib,
          addedHeapMib: full.heapMib - idle.heapMib,
        };
      },
    };
    return [contestant];
  },
};

/** After a collection of garbage, which `collect-garbage.ts` in the process makes on a signal. */
async function memoryOf(pid: number, file: string): Promise<{ readonly residentMib: number; readonly heapMib: number }> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadline = performance.now() + patienceMs;
  while (!existsSync(file) || readFileSync(file).length === 0) {
    if (performance.now() > deadline) throw new Error('Postern did not say how much memory it takes');
    await sleep(20);
  }
  const { heapBytes, residentBytes } = JSON.parse(readFileSync(file, 'utf8')) as Record<'heapBytes' | 'residentBytes', number>;
  return { residentMib: residentBytes / mib, heapMib: heapBytes / mib };
}
