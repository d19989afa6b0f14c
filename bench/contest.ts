import type { Measurement } from './results.ts';
import type { Contestant, Scenario } from './scenarios/scenario.ts';
import type { Stage } from './stage.ts';

export interface ContestOptions {
  readonly stage: Stage;
  readonly rounds: number;
  readonly say: (line: string) => void;
  readonly onMeasured: (measurement: Measurement) => void;
}

/** Contestants take turns in every round, and the first of one round is the last of the next: what changes on the machine meets all. */
export async function holdContest(scenario: Scenario, { stage, rounds, say, onMeasured }: ContestOptions): Promise<void> {
  await using leaving = new AsyncDisposableStack();
  const contestants = await scenario.enter(stage, leaving);
  for (const [index, contestant] of contestants.entries()) {
    say(`warming up ${contestant.name} (${index + 1} of ${contestants.length}) …`);
    await contestant.warmUp();
  }
  for (let round = 1; round <= Math.min(rounds, scenario.mostRounds ?? rounds); round += 1)
    for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed())
      onMeasured(await measureOnce(scenario, contestant, round));
}

async function measureOnce({ id }: Scenario, contestant: Contestant, round: number): Promise<Measurement> {
  return { scenario: id, candidate: contestant.name, round, figures: await contestant.measure() };
}
