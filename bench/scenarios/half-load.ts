import type { Candidate } from '../candidates/candidate.ts';
import { median } from '../statistics.ts';
import type { Stage } from '../stage.ts';
import { measureLoad, requestColumns } from './asked-contestant.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Scenario } from './scenario.ts';

const { p50, p99, p999, rate, busy } = requestColumns;
// Many connections, each with long pauses: h2load keeps no time shorter than 10 ms on one of them.
const shape = { protocol: 'http/1.1', connections: 256, streams: 1 } as const;
const saturated = { ...shape, connections: 32 } as const;

/** What a request waits when there is room to breathe. */
export const halfLoad: Scenario = {
  id: 'half-load',
  title: 'Latency at half the load that saturates',
  about:
    'Each candidate is saturated first, over 32 connections; then it gets half as many requests a second, spread over 256 connections. Half of what a core can do is more for nginx than for Postern, so this compares how evenly they work, not how fast. Where load and upstream share one core, a part of the waiting is theirs.',
  columns: [p50, p99, p999, rate, busy],
  ratio: { of: p99.key, to: 'nginx' },
  missing: ({ h2load }) => (h2load === undefined ? 'h2load is not installed, and nothing else keeps a rate' : undefined),
  enter: async (stage) => stage.candidatesFor('half-load').map((candidate) => halfLoaded(candidate, stage)),
};

function halfLoaded(candidate: Candidate, stage: Stage): Contestant {
  const { load, seconds, warmUpRequests } = stage;
  let perSecond = 0;
  return {
    name: candidate.name,
    async warmUp() {
      const order = pageOrder(stage, candidate, saturated);
      await load.run({ ...order, requests: warmUpRequests });
      const rates: number[] = [];
      for (let turn = 0; turn < 3; turn += 1)
        rates.push((await load.run({ ...order, requests: Math.ceil(warmUpRequests / 4) })).requestsPerSecond);
      perSecond = Math.round(median(rates) / 2);
    },
    measure: () =>
      measureLoad(candidate, stage, { ...pageOrder(stage, candidate, shape), perSecond, requests: Math.ceil(perSecond * seconds) }),
  };
}
