import { join } from 'node:path';
import { open } from 'node:fs/promises';
import { candidateCost, candidatePeakMib, forgetCandidatePeak } from '../candidate-cost.ts';
import type { Candidate } from '../candidates/candidate.ts';
import type { LoadOrder } from '../load/load.ts';
import type { Stage } from '../stage.ts';
import { bodySizes } from '../upstream.ts';
import { downPath, upPath } from '../upstream-contract.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Figures, Scenario } from './scenario.ts';

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly direction: 'down' | 'up';
  readonly size: number;
  readonly protocol: LoadOrder['protocol'];
  readonly connections: number;
}

const { mebibyte, gibibyte } = bodySizes;
const kinds: readonly Kind[] = [
  { id: 'down-1m', title: '1 MiB down', direction: 'down', size: mebibyte, protocol: 'http/1.1', connections: 8 },
  { id: 'up-1m', title: '1 MiB up', direction: 'up', size: mebibyte, protocol: 'http/1.1', connections: 8 },
  { id: 'down-1g', title: '1 GiB down', direction: 'down', size: gibibyte, protocol: 'http/1.1', connections: 1 },
  { id: 'up-1g', title: '1 GiB up', direction: 'up', size: gibibyte, protocol: 'http/1.1', connections: 1 },
  { id: 'down-1g-http2', title: '1 GiB down, HTTP/2', direction: 'down', size: gibibyte, protocol: 'h2', connections: 1 },
  { id: 'up-1g-http2', title: '1 GiB up, HTTP/2', direction: 'up', size: gibibyte, protocol: 'h2', connections: 1 },
];

/** Bodies of zeroes, a GiB in each measurement, as one body or as many. */
export const bodyScenarios: readonly Scenario[] = kinds.map((kind) => ({
  id: kind.id,
  title: kind.title,
  about: `${kind.size === gibibyte ? 'One body' : '1,024 bodies over 8 connections'}, ${
    kind.direction === 'down' ? 'a file that nginx sends with `sendfile`' : 'read and thrown away by a few lines of Node'
  }. nginx buffers nothing on disk. "Growth" is the highest resident memory during the transfer minus that before. Encryption and copying limit it, and the core that load and upstream share.`,
  columns: [
    { key: 'cpuMsPerGib', title: 'CPU ms per GiB', digits: 0 },
    { key: 'mibPerSecond', title: 'MiB/s', digits: 0 },
    { key: 'growthMib', title: 'growth MiB', digits: 1 },
    { key: 'memoryMib', title: 'memory MiB', digits: 0 },
  ],
  ratio: { of: 'cpuMsPerGib', to: 'nginx' },
  isForAnyCommit: true,
  missing: ({ h2load }) => (h2load === undefined ? 'h2load is not installed' : undefined),
  async enter(stage) {
    const bodyFile = join(stage.files.directory, `body-${kind.size}`);
    await using file = await open(bodyFile, 'w');
    await file.truncate(kind.size);
    return stage.candidatesFor(kind.id).map((candidate) => carrier(candidate, stage, orderFor(kind, { stage, candidate, bodyFile })));
  },
}));

function orderFor(kind: Kind, { stage, candidate, bodyFile }: { stage: Stage; candidate: Candidate; bodyFile: string }): LoadOrder {
  const { direction, size, protocol, connections } = kind;
  const page = pageOrder(stage, candidate, { protocol, connections, streams: 1 });
  const way = direction === 'down' ? { paths: [`${downPath}${size}`] } : { paths: [upPath], bodyFile };
  return { ...page, ...way, requests: gibibyte / size };
}

function carrier(candidate: Candidate, { load }: Stage, order: LoadOrder): Contestant {
  return {
    name: candidate.name,
    // A quarter of a measurement is enough to compile what carries bytes; a single body can't be divided.
    warmUp: async () => void (await load.run({ ...order, requests: Math.ceil(order.requests / 4) })),
    async measure(): Promise<Figures> {
      forgetCandidatePeak(candidate);
      const before = candidateCost(candidate);
      const { requestsPerSecond } = await load.run(order);
      const after = candidateCost(candidate);
      const mib = gibibyte / mebibyte;
      return {
        cpuMsPerGib: after.cpuMs - before.cpuMs,
        mibPerSecond: (requestsPerSecond * mib) / order.requests,
        growthMib: Math.max(0, candidatePeakMib(candidate) - before.memoryMib),
        memoryMib: after.memoryMib,
      };
    },
  };
}
