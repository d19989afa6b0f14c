import assert from 'node:assert/strict';
import type { Person, Scene } from './scene.ts';
import type { Client } from './load-client.ts';
import { openHttp1Client, openHttp2Client, openSocketClient } from './load-client.ts';

/** What became of one request: the status of its answer, `echoed` or `closed` on a WebSocket, `lost` where no answer came or half of one. */
export type Outcome = number | 'echoed' | 'closed' | 'lost';

/** Several people at once, each over HTTP/1.1, HTTP/2 and a WebSocket, who go on asking until they are stopped. */
export interface Load extends AsyncDisposable {
  /** What else than a right answer may come from now on; a request under way may still end as was allowed when it began. */
  allow(...outcomes: readonly Outcome[]): void;
  /** Resolves once every client got a right answer to a request that began after the call; fails after ten seconds. */
  recovered(): Promise<void>;
  /** Resolves once this outcome was seen so many times from now on; fails after ten seconds. */
  seen(outcome: Outcome, times?: number): Promise<void>;
  /** Ends the load, and fails when any answer was wrong; otherwise how many requests ended how. */
  stop(): Promise<Readonly<Record<string, number>>>;
}

export interface LoadOptions {
  readonly people: readonly Person[];
  readonly protocols?: readonly ('http1' | 'http2' | 'socket')[];
  /** Sent with each HTTP request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Between two requests of one client. */
  readonly thinkMs?: number;
  /** Judges what an allowed answer says beyond the nonce and the visitor, and any other outcome too; a sentence when it is wrong. */
  readonly judge?: (told: Told) => string | undefined;
  /** Called when a request begins; what it gives is handed to `judge`. */
  readonly begin?: () => number;
}

export interface Told {
  readonly person: Person;
  readonly outcome: Outcome;
  readonly generation: number | undefined;
  /** What `begin` gave. */
  readonly begun: number;
}

const openers = { http1: openHttp1Client, http2: openHttp2Client, socket: openSocketClient };
// Usually it is a fraction of a second; a machine that does other things too may need more.
const boundMs = 10_000;
/** Longer than anything takes here, and a request that hangs is never right. */
const patienceMs = 15_000;

export function startLoad(scene: Scene, options: LoadOptions): Load {
  const { people, protocols = ['http1', 'http2', 'socket'], thinkMs = 15, judge = () => undefined, begin = () => 0 } = options;
  const state = { isOn: true, nonces: 0 };
  const allowed: (readonly Outcome[])[] = [[]];
  const wrong: string[] = [];
  const counts: Record<string, number> = {};
  const successes = new Map<Client, number>();

  const clients = people.flatMap((person) => protocols.map((protocol) => openers[protocol](scene, person, options.headers ?? {})));
  const running = clients.map(async (client) => {
    while (state.isOn) {
      await one(client);
      await sleep(thinkMs);
    }
    client.close();
  });

  async function one(client: Client): Promise<void> {
    state.nonces += 1;
    const nonce = `${process.pid}-${state.nonces}`;
    const [startedAt, phase, begun] = [performance.now(), allowed.length - 1, begin()];
    const answer = await withinPatience(client.ask(nonce, state.nonces % 3 === 0 ? 'POST' : 'GET'));
    const took = `after ${Math.round(performance.now() - startedAt)} ms`;
    const who = `${client.name} of ${client.person.email}`;
    const { outcome } = answer;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    const complaint = answer.complaint ?? judge({ person: client.person, outcome, generation: answer.generation, begun });
    if (complaint !== undefined) wrong.push(`${who} ${took}: ${complaint}`);
    else if (outcome === 200 || outcome === 'echoed') successes.set(client, startedAt);
    else if (!allowed.slice(phase).some((each) => each.includes(outcome))) wrong.push(`${who} ${took}: ${outcome}, ${answer.detail}`);
  }

  async function until(isSo: () => boolean, what: () => string): Promise<void> {
    const deadline = performance.now() + boundMs;
    while (!isSo()) {
      if (performance.now() > deadline)
        assert.fail(`${what()}; ${JSON.stringify(counts)}; wrong: ${wrong.slice(0, 5).join('; ')}; ${scene.postern.complaints()}`);
      await sleep(5);
    }
  }

  return {
    allow: (...outcomes) => void allowed.push(outcomes),
    async recovered() {
      const from = performance.now();
      const waiting = (): readonly Client[] => clients.filter((client) => (successes.get(client) ?? 0) < from);
      const who = (): string =>
        waiting()
          .map(({ name, person }) => `${name} of ${person.email}`)
          .join(', ');
      await until(
        () => waiting().length === 0,
        () => `not recovered within ${boundMs} ms: ${who()}`,
      );
    },
    async seen(outcome, times = 1) {
      const before = counts[outcome] ?? 0;
      await until(
        () => (counts[outcome] ?? 0) >= before + times,
        () => `${outcome} was not seen ${times} times`,
      );
    },
    async stop() {
      state.isOn = false;
      await Promise.all(running);
      assert.deepEqual(wrong, []);
      return counts;
    },
    async [Symbol.asyncDispose]() {
      state.isOn = false;
      for (const client of clients) client.close();
      await Promise.all(running);
    },
  };
}

async function withinPatience(asked: ReturnType<Client['ask']>): ReturnType<Client['ask']> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Awaited<typeof asked>>((resolve) => {
    timer = setTimeout(() => resolve({ outcome: 'lost', detail: '', complaint: `no answer within ${patienceMs} ms` }), patienceMs);
  });
  const answer = await Promise.race([asked, late]);
  clearTimeout(timer);
  return answer;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
