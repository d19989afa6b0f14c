import type { Measurement, Results } from '../../bench/results.ts';

/** Results of a run that never was. */
export function resultsOf(given: Partial<Results> = {}): Results {
  return {
    version: 2,
    date: '2032-01-01',
    commit: '0123456789',
    machine: {
      cores: 4,
      cpu: 'a processor',
      memoryGib: 8,
      kernel: '6.1',
      node: '26.0.0',
      openssl: '3.5.0',
      nginx: '1.22.1',
      h2load: '1.52.0',
      pinned: true,
      loadBefore: 0,
    },
    rounds: 1,
    quick: false,
    load: 'h2load',
    upstream: 'nginx',
    candidates: [{ name: 'nginx', description: 'bare' }],
    skipped: [],
    measurements: [],
    micro: [],
    ...given,
  };
}

/** Rounds of one contestant, from the CPU time of each. */
export function rounds(scenario: string, candidate: string, cpu: readonly number[]): readonly Measurement[] {
  return cpu.map((cpuMicroseconds, index) => ({ scenario, candidate, round: index + 1, figures: { cpuMicroseconds } }));
}
