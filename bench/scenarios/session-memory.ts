import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostern } from '../candidates/postern.ts';
import { removeSessions } from '../remove-sessions.ts';
import { writeSessions } from '../write-sessions.ts';
import { measureLoad } from './asked-contestant.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Figures, Scenario } from './scenario.ts';

const mib = 2 ** 20;
const patienceMs = 60_000;
const shape = { protocol: 'http/1.1', connections: 32, streams: 1 } as const;
// To sign in, or ended on the way: the process looked into the store again meanwhile, which it does after half a minute.
const unknown = [302, 403];

/** What sessions take up in the process, and that it is the process that knows them. */
export const sessionMemory: Scenario = {
  id: 'session-memory',
  title: 'Memory of live sessions',
  about:
    'Sessions of different people, written into the store by the code of the program. Each asks, and memory is read. Then each asks again, all of them are taken out of the store, behind the back of the process, and each asks a last time: only what it remembers can let them in. Nothing is remembered for longer than a minute without another look into the store, so a machine on which all this takes long shows fewer. Memory is read when garbage was collected and V8 has given back the pages that it does not need, half a minute later; it is compared with that of the same process when it had answered as many requests of one person. CPU time is that of the requests from memory.',
  columns: [
    { key: 'sessions', title: 'sessions', digits: 0 },
    { key: 'remembered', title: 'answered from memory', digits: 0 },
    { key: 'cpuMicroseconds', title: 'CPU µs per request', digits: 1 },
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
        const crowd = { ...order, cookieFile, requests: sessions };
        await stage.load.run(crowd);
        const full = await memoryOf(postern.pid, memoryFile);
        // Once more, because reading the memory took a while.
        await stage.load.run(crowd);
        await removeSessions(postern.program);
        const again = await measureLoad(postern, { ...crowd, except: unknown }, (known) => stage.load.run(known));
        return {
          sessions,
          remembered: sessions - (again['exceptions'] ?? sessions),
          cpuMicroseconds: again['cpuMicroseconds'] ?? 0,
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
