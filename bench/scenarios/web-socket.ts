import { appHost } from '../bench-files.ts';
import { candidateCost } from '../candidate-cost.ts';
import type { Candidate } from '../candidates/candidate.ts';
import { runOwnClient } from '../load/load.ts';
import type { SocketOrder, SocketResult } from '../load/socket-order.ts';
import type { Stage } from '../stage.ts';
import type { Contestant, Figures, Scenario } from './scenario.ts';

const connections = 64;
const bytes = 100;

/** Small messages that come back as they were sent. */
export const webSocket: Scenario = {
  id: 'websocket',
  title: 'WebSocket messages',
  about: `${connections} WebSockets, each with one message of ${bytes} bytes on its way to an echo or back; a message each way counts as two. The clients and the echo are Node and cost more than any proxy, which waits for them: only its CPU time counts, not the rate.`,
  columns: [
    { key: 'cpuMicroseconds', title: 'CPU µs per message', digits: 1 },
    { key: 'messagesPerSecond', title: 'messages/s', digits: 0 },
    { key: 'p50', title: 'echo p50 ms', digits: 2 },
    { key: 'p99', title: 'echo p99 ms', digits: 2 },
    { key: 'memoryMib', title: 'memory MiB', digits: 0 },
  ],
  ratio: { of: 'cpuMicroseconds', to: 'nginx' },
  isForAnyCommit: true,
  enter: async (stage) => stage.candidatesFor('websocket').map((candidate) => talker(candidate, stage)),
};

function talker(candidate: Candidate, { files, posterns, quick }: Stage): Contestant {
  const order: SocketOrder = {
    port: candidate.port,
    host: appHost,
    cookie: candidate.cookie ?? posterns[0]?.cookie ?? '',
    serverCa: files.pki.serverCa.certificatePem,
    connections,
    echoes: quick ? 10_000 : 40_000,
    bytes,
  };
  return {
    name: candidate.name,
    warmUp: async () => void (await talk({ ...order, echoes: order.echoes / 2 })),
    async measure(): Promise<Figures> {
      const before = candidateCost(candidate);
      const { echoesPerSecond, p50, p99 } = await talk(order);
      const after = candidateCost(candidate);
      const cpuMicroseconds = ((after.cpuMs - before.cpuMs) * 1000) / (2 * order.echoes);
      return { cpuMicroseconds, messagesPerSecond: 2 * echoesPerSecond, p50, p99, memoryMib: after.memoryMib };
    },
  };
}

async function talk(order: SocketOrder): Promise<SocketResult> {
  return (await runOwnClient('socket-client.ts', order)) as SocketResult;
}
