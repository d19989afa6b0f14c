import type { BenchFiles } from './bench-files.ts';
import type { Candidate } from './candidates/candidate.ts';
import { peers } from './candidates/peers.ts';
import type { PosternCandidate } from './candidates/postern.ts';
import { openPostern } from './candidates/postern.ts';
import { chooseLoad } from './load/choose-load.ts';
import type { Machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { proveAnswer, proveWalk } from './prove-walk.ts';
import type { Skipped } from './results.ts';
import type { Stage } from './stage.ts';
import { yardstick } from './summary.ts';
import { openUpstream } from './upstream.ts';

export interface OpenStage extends Stage, AsyncDisposable {
  readonly candidates: readonly Candidate[];
}

export interface StageOptions {
  readonly options: BenchOptions;
  readonly machine: Machine;
  readonly files: BenchFiles;
  /** What to measure; left out: the Postern of this checkout. */
  readonly openPosterns?: (upstreamPort: number) => Promise<readonly PosternCandidate[]>;
  /** Told of a peer that is not measured. */
  readonly onSkipped: (skipped: Skipped) => void;
}

// What every TLS proxy can.
const usualScenarios: readonly string[] = ['http1', 'http2'];

/** Starts the upstream and every proxy, and proves that each gives the answers that are measured. */
export async function openStage({ options, machine, files, openPosterns, onSkipped }: StageOptions): Promise<OpenStage> {
  await using opened = new AsyncDisposableStack();
  const upstream = opened.adopt(await openUpstream(files), (each) => each.stop());
  const setting = { files, upstreamPort: upstream.port };
  const open = openPosterns ?? (async () => [await openPostern(setting)]);
  const posterns = await open(upstream.port);
  for (const each of posterns) opened.defer(() => each.stop());
  for (const each of posterns) await proveWalk(each, files);
  const others: Candidate[] = [];
  for (const peer of peers.filter(({ name }) => isWanted(name, options))) {
    const found = await openPeer(peer, setting, posterns[0]?.cookie ?? '');
    if ('why' in found) onSkipped(found);
    else others.push(opened.adopt(found, (each) => each.stop()));
  }
  const candidates = [...others, ...posterns];
  const { seconds, warmUpRequests, quick } = options;
  const ending = opened.move();
  return {
    files,
    machine,
    load: chooseLoad(machine, files),
    upstream,
    seconds,
    warmUpRequests,
    quick,
    posterns,
    candidates,
    candidatesFor: (scenario) => candidates.filter((each) => takesPart(each, scenario, posterns)),
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}

function isWanted(name: string, { peers: wanted }: BenchOptions): boolean {
  return name === yardstick || wanted === undefined || wanted.includes(name);
}

async function openPeer(
  peer: (typeof peers)[number],
  setting: { readonly files: BenchFiles; readonly upstreamPort: number },
  cookie: string,
): Promise<Candidate | Skipped> {
  const why = peer.missing();
  if (why !== undefined) return { what: peer.name, why, isBroken: false };
  try {
    const candidate = await peer.open(setting);
    try {
      await proveAnswer(candidate, setting.files, candidate.cookie ?? cookie);
      return candidate;
    } catch (error) {
      await candidate.stop();
      throw error;
    }
  } catch (error) {
    return { what: peer.name, why: error instanceof Error ? error.message : String(error), isBroken: true };
  }
}

/** The yardstick and Postern do everywhere. */
function takesPart(candidate: Candidate, scenario: string, posterns: readonly Candidate[]): boolean {
  return candidate.name === yardstick || posterns.includes(candidate) || (candidate.scenarios ?? usualScenarios).includes(scenario);
}
