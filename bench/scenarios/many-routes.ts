import { openPostern } from '../candidates/postern.ts';
import { askedContestant, requestColumns } from './asked-contestant.ts';
import { madeUpPath, madeUpRoutes } from './made-up-routes.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Scenario } from './scenario.ts';

const { cpu, rate, p50, p99, memory } = requestColumns;
const shape = { protocol: 'http/1.1', connections: 32, streams: 1 } as const;
const few = { name: '3 routes', counts: { hosts: 1, paths: 3, policies: 3 } };
const many = { name: '10,000 routes', counts: { hosts: 10, paths: 1_000, policies: 1_000 } };

/** Whether a request pays for routes that are not its own. */
export const manyRoutes: Scenario = {
  id: 'routes',
  title: '10,000 routes and 1,000 policies against 3',
  about:
    'Two Posterns, one with 10 hosts × 1,000 paths; its requests go to a thousand of the routes in turn. A difference below a few µs is lost in what two processes differ by anyway: the single steps "admit, …" measure the same without that.',
  columns: [cpu, rate, p50, p99, memory],
  ratio: { of: cpu.key, to: few.name },
  async enter(stage, leaving) {
    const contestants: Contestant[] = [];
    for (const { name, counts } of [few, many]) {
      const routes = madeUpRoutes(counts, { upstreamPort: stage.upstream.port, generation: 0 });
      const postern = await openPostern({ files: stage.files, upstreamPort: stage.upstream.port, name, routes, signInPath: madeUpPath(0) });
      leaving.defer(() => postern.stop());
      const paths = Array.from({ length: counts.paths }, (_, path) => `${madeUpPath(path)}reports/summary?page=2`);
      const order = { ...pageOrder(stage, postern, shape), paths };
      contestants.push(askedContestant(postern, { stage, order }));
    }
    return contestants;
  },
};
