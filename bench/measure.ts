import type { Candidate } from './candidates/candidate.ts';
import type { LoadGenerator } from './load/load.ts';
import { processCost } from './process-cost.ts';
import type { Measurement } from './results.ts';
import type { Scenario } from './scenarios.ts';
import { orderFor } from './scenarios.ts';

export interface MeasureOptions {
  readonly candidates: readonly Candidate[];
  readonly scenarios: readonly Scenario[];
  readonly load: LoadGenerator;
  readonly rounds: number;
  /** How long one measurement is meant to take. */
  readonly seconds: number;
  /** Before the first round, for each candidate and scenario: the compilers behind Node need to have seen it all. */
  readonly warmUpRequests: number;
  /** Of the person who is signed in. */
  readonly cookie: string;
  readonly onMeasured: (measurement: Measurement) => void;
}

const fewestRequests = 2_000;

/** Candidates take turns in every round, and the first of one round is the last of the next: what changes on the machine meets all. */
export async function measure(options: MeasureOptions): Promise<readonly Measurement[]> {
  const { scenarios, candidates, rounds } = options;
  const measurements: Measurement[] = [];
  for (const scenario of scenarios) {
    const sizes = new Map<Candidate, number>();
    for (const candidate of candidates) sizes.set(candidate, await warmUp(scenario, candidate, options));
    for (let round = 1; round <= rounds; round += 1) {
      for (const candidate of round % 2 === 1 ? candidates : candidates.toReversed()) {
        const requests = sizes.get(candidate) ?? fewestRequests;
        const measurement = await measureOnce({ scenario, candidate, round, requests }, options);
        options.onMeasured(measurement);
        measurements.push(measurement);
      }
    }
  }
  return measurements;
}

/** Gives the number of requests that take the time wanted. */
async function warmUp(scenario: Scenario, { port }: Candidate, options: MeasureOptions): Promise<number> {
  const { load, cookie, seconds, warmUpRequests } = options;
  await load.run(orderFor(scenario, { port, cookie, requests: warmUpRequests }));
  const { requestsPerSecond } = await load.run(orderFor(scenario, { port, cookie, requests: fewestRequests }));
  return Math.max(fewestRequests, Math.round(requestsPerSecond * seconds));
}

async function measureOnce(
  { scenario, candidate, round, requests }: { scenario: Scenario; candidate: Candidate; round: number; requests: number },
  { load, cookie }: MeasureOptions,
): Promise<Measurement> {
  const { name, pid, port } = candidate;
  const before = processCost(pid);
  const result = await load.run(orderFor(scenario, { port, cookie, requests }));
  const after = processCost(pid);
  const cpuMicroseconds = ((after.cpuMs - before.cpuMs) * 1000) / requests;
  return { scenario: scenario.id, candidate: name, round, requests, cpuMicroseconds, memoryMib: after.memoryMib, ...result };
}
