import { openPostern } from '../candidates/postern.ts';
import type { Place } from '../processes.ts';
import { openUpstream } from '../upstream.ts';
import { askedContestant, requestColumns } from './asked-contestant.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Scenario } from './scenario.ts';

const { cpu, rate, p50, p99, memory } = requestColumns;
const shape = { protocol: 'http/1.1', connections: 64, streams: 1 } as const;
const crews = [
  { name: 'one worker', workers: 1, place: 'proxy' },
  { name: 'two workers', workers: 2, place: 'two proxies' },
] as const;

/** Whether a second worker does as much as the first. */
export const twoWorkers: Scenario = {
  id: 'workers',
  title: 'Two workers against one',
  about:
    'Throughput over 64 connections. With three cores or more, one worker has one core, two have two, and load and upstream the rest. With two cores none is left for the load, so both crews and the load share both: the ratio then says what a second worker gains beside a load that takes its part, and can not come near 2.',
  columns: [rate, cpu, p50, p99, memory],
  ratio: { of: rate.key, to: crews[0].name },
  missing: ({ cores }) => (cores < 2 ? 'there is one core only' : undefined),
  async enter(stage, leaving) {
    const { files, machine } = stage;
    const hasFreeCore = machine.cores >= 3;
    const load: Place = hasFreeCore ? 'load' : 'everywhere';
    const upstream = leaving.adopt(await openUpstream(files, load), (each) => each.stop());
    const contestants: Contestant[] = [];
    for (const { name, workers, place } of crews) {
      const where = hasFreeCore ? place : 'everywhere';
      const postern = await openPostern({ files, upstreamPort: upstream.port, name, keys: `workers: ${workers}`, place: where });
      leaving.defer(() => postern.stop());
      contestants.push(askedContestant(postern, { stage, order: { ...pageOrder(stage, postern, shape), place: load } }));
    }
    return contestants;
  },
};
