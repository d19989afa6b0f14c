import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { appHost } from '../bench-files.ts';
import type { PosternProgram } from '../candidates/postern-program.ts';
import { preparePostern } from '../candidates/postern-program.ts';
import { processCost } from '../process-cost.ts';
import type { Launched } from '../processes.ts';
import type { Stage } from '../stage.ts';
import type { RouteCounts } from './made-up-routes.ts';
import { madeUpRoutes, probePath } from './made-up-routes.ts';
import type { Contestant, Figures, Scenario } from './scenario.ts';

const patienceMs = 60_000;
// Two looks of the watch at the file, so that the change it sees too is over before the next thing is measured.
const settleMs = 1_500;

const sizes: readonly { readonly name: string; readonly counts: RouteCounts }[] = [
  { name: '50 routes', counts: { hosts: 5, paths: 10, policies: 10 } },
  { name: '10,000 routes', counts: { hosts: 10, paths: 1_000, policies: 1_000 } },
];

/** How long nobody is served. */
export const starts: Scenario = {
  id: 'start',
  title: 'Start and reload',
  about:
    'From starting the process to its first answer, and from SIGHUP to the first answer by the new configuration, asked for over and over on one connection; "longest wait" is that of a request meanwhile. Starting is mostly the loading of code: a compiled Postern (`npm run build`) starts faster than one from its sources. With 10,000 routes, reading YAML and compiling policies come on top.',
  columns: [
    { key: 'startMs', title: 'start ms', digits: 0 },
    { key: 'startCpuMs', title: 'CPU ms of it', digits: 0 },
    { key: 'reloadMs', title: 'reload ms', digits: 0 },
    { key: 'reloadCpuMs', title: 'CPU ms of it', digits: 0 },
    { key: 'longestWaitMs', title: 'longest wait ms', digits: 0 },
    { key: 'memoryMib', title: 'memory MiB', digits: 0 },
  ],
  isForAnyCommit: true,
  async enter(stage, leaving) {
    const contestants: Contestant[] = [];
    for (const { name, counts } of sizes) {
      const program = leaving.use(await preparePostern({ files: stage.files, upstreamPort: stage.upstream.port }));
      // Once, so that the file system and the compile cache of Node have seen the program.
      contestants.push({
        name,
        warmUp: async () => void (await live(program, counts, stage)),
        measure: () => live(program, counts, stage),
      });
    }
    return contestants;
  },
};

/** One life of a Postern. */
async function live(program: PosternProgram, counts: RouteCounts, { upstream }: Stage): Promise<Figures> {
  await program.configure(madeUpRoutes(counts, { upstreamPort: upstream.port, generation: 1 }));
  const began = performance.now();
  const launched = program.start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, servername: appHost });
  try {
    await askUntil('1', { program, agent, launched });
    const startMs = performance.now() - began;
    const startCpuMs = processCost(launched.pid).cpuMs;
    await program.configure(madeUpRoutes(counts, { upstreamPort: upstream.port, generation: 2 }));
    const before = processCost(launched.pid).cpuMs;
    const changed = performance.now();
    process.kill(launched.pid, 'SIGHUP');
    const longestWaitMs = await askUntil('2', { program, agent, launched });
    const reloadMs = performance.now() - changed;
    const { cpuMs, memoryMib } = processCost(launched.pid);
    await sleep(settleMs);
    return { startMs, startCpuMs, reloadMs, reloadCpuMs: cpuMs - before, longestWaitMs, memoryMib };
  } finally {
    agent.destroy();
    await launched.stop();
  }
}

interface Asked {
  readonly program: PosternProgram;
  readonly agent: Agent;
  readonly launched: Launched;
}

/** Asks until the answer is that, and gives the longest time an answer took. */
async function askUntil(generation: string, { program, agent, launched }: Asked): Promise<number> {
  const deadline = performance.now() + patienceMs;
  const state = { isOver: false };
  const over = launched.ended.finally(() => {
    state.isOver = true;
  });
  over.catch(() => undefined);
  let longest = 0;
  for (;;) {
    const from = performance.now();
    const answer = await generationOf(program, agent);
    longest = Math.max(longest, performance.now() - from);
    if (answer === generation) return longest;
    if (state.isOver) throw new Error('Postern ended before it answered');
    if (performance.now() > deadline) throw new Error(`Postern did not answer by its new configuration within ${patienceMs} ms`);
    await sleep(1);
  }
}

/** Undefined while nothing listens. */
function generationOf({ port }: PosternProgram, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: probePath, agent, headers: { host: `${appHost}:${port}` } };
    const asked = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => resolve(body.trim()));
      response.once('error', () => resolve(undefined));
    });
    asked.once('error', () => resolve(undefined));
    asked.end();
  });
}
