import type { PosternCandidate } from '../candidates/postern.ts';
import { openPostern } from '../candidates/postern.ts';
import type { Stage } from '../stage.ts';
import { writeSessions } from '../write-sessions.ts';
import { measureLoad, requestColumns } from './asked-contestant.ts';
import { pageOrder } from './requests.ts';
import type { Contestant, Scenario } from './scenario.ts';

const { cpu, rate, p50, p99, memory } = requestColumns;
const shape = { protocol: 'http/1.1', connections: 32, streams: 1 } as const;
const again = 'asked again';

/** A session that the process has not met: its record is read from the store, opened, and made a person. */
export const coldSession: Scenario = {
  id: 'cold-session',
  title: 'A session that is not in the cache of the process',
  about:
    'Every request is of another person. First nobody of them was here before, which is a read of the store, an opened seal and a new assertion for each; then the same people ask again. The clients are our own, so only CPU time counts. Deciphering and SQLite limit it.',
  columns: [cpu, rate, p50, p99, memory],
  ratio: { of: cpu.key, to: again },
  async enter(stage, leaving) {
    const { files, upstream, load, quick } = stage;
    const postern = await openPostern({ files, upstreamPort: upstream.port });
    leaving.defer(() => postern.stop());
    const sessions = quick ? 2_000 : 5_000;
    const known = await writeSessions(postern.program, sessions);
    await load.run({ ...pageOrder(stage, postern, shape), requests: stage.warmUpRequests });
    const crowd = (cookieFile: string, name: string): Contestant => crowdOf({ stage, postern, cookieFile, sessions, name });
    const strangers: Contestant = {
      name: 'for the first time',
      warmUp: async () => void (await crowd(await writeSessions(postern.program, sessions), '').measure()),
      measure: async () => crowd(await writeSessions(postern.program, sessions), '').measure(),
    };
    const acquainted = crowd(known, again);
    return [{ ...acquainted, measure: async () => acquainted.warmUp().then(() => acquainted.measure()) }, strangers];
  },
};

interface Crowd {
  readonly stage: Stage;
  readonly postern: PosternCandidate;
  readonly cookieFile: string;
  readonly sessions: number;
  readonly name: string;
}

function crowdOf({ stage, postern, cookieFile, sessions, name }: Crowd): Contestant {
  const order = { ...pageOrder(stage, postern, shape), cookieFile, requests: sessions };
  return {
    name,
    warmUp: async () => void (await stage.load.run(order)),
    measure: () => measureLoad(postern, order, (same) => stage.load.run(same)),
  };
}
