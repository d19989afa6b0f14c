import type { Candidate } from '../candidates/candidate.ts';
import { runPaced } from '../load/paced-load.ts';
import type { Stage } from '../stage.ts';
import { measureLoad, requestColumns } from './asked-contestant.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Scenario } from './scenario.ts';

const { p50, p99, p999, rate, busy } = requestColumns;
const p99OfHalfSecond = { key: 'p99OfHalfSecond', title: 'p99 ms', digits: 2 };
const p99OfAll = { ...p99, title: 'p99 ms of the whole time' };
const shape = { protocol: 'http/1.1', connections: 32, streams: 1 } as const;

/** What a request waits when there is room to breathe. */
export const halfLoad: Scenario = {
  id: 'half-load',
  title: 'Latency at half the load that saturates',
  about:
    'In each round a candidate is saturated first; then it gets half as many requests a second over the same 32 connections, at random times that are the same for all, from a client of Node that counts from the moment a request is due. Half of what a core can do is more for nginx than for Postern, so this compares how evenly they work, not how fast. The p99 is that of the median half second, and so is the ratio: a virtual machine is held up for some tens of milliseconds every now and then, which makes up most of the p99 of the whole time. Where load and upstream share one core, a part of the waiting is theirs, and more of it where more is asked.',
  columns: [p50, p99OfHalfSecond, p99OfAll, p999, rate, busy],
  ratio: { of: p99OfHalfSecond.key, to: 'nginx' },
  missing: ({ h2load }) => (h2load === undefined ? 'h2load is not installed, and clients of our own saturate no proxy' : undefined),
  enter: async (stage) => stage.candidatesFor('half-load').map((candidate) => halfLoaded(candidate, stage)),
};

function halfLoaded(candidate: Candidate, stage: Stage): Contestant {
  const { load, seconds, warmUpRequests } = stage;
  const order = pageOrder(stage, candidate, shape);
  return {
    name: candidate.name,
    warmUp: async () => void (await load.run({ ...order, requests: warmUpRequests })),
    async measure() {
      // In each round anew: what half of it is changes with the machine.
      const saturated = await load.run({ ...order, requests: warmUpRequests });
      const perSecond = Math.round(saturated.requestsPerSecond / 2);
      // One second of them is for settling.
      return measureLoad(candidate, { ...order, perSecond, requests: Math.ceil(perSecond * (seconds + 1)) }, runPaced);
    },
  };
}
