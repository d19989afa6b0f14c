import type { Results } from './results.ts';
import { median } from './statistics.ts';
import { ratioOf } from './summary.ts';

/** What has to be reached; `unit` is for people. */
export interface Bound {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

export interface Target {
  readonly what: string;
  readonly unit: string;
  readonly must: Bound;
  readonly goal: Bound;
  /** The scenario and the peer without which it is not measured. */
  readonly needs: readonly string[];
  /** Undefined where the results do not hold it; a reason where what they hold says something else. */
  readonly measured: (results: Results) => number | string | undefined;
}

/** What this project has set itself. Ratios are those of CPU time to bare nginx in the same run unless they say otherwise. */
export const targets: readonly Target[] = [
  ratio('HTTP/1.1, CPU per request', 'http1', [2.2, 1.5]),
  ratio('HTTP/2, CPU per request', 'http2', [2.4, 1.6]),
  cheaper('HTTP/1.1, cheaper than Pomerium', { scenario: 'http1', than: 'pomerium' }, [45, 60]),
  cheaper('HTTP/1.1, cheaper than nginx + oauth2-proxy', { scenario: 'http1', than: 'nginx + oauth2-proxy' }, [7, 10]),
  ratio('full handshake, CPU', 'handshake', [2, 1.6]),
  ratio('full handshake with client certificate, CPU', 'handshake-certificate', [1.2, 1]),
  ratio('1 GiB down, CPU', 'down-1g', [2, 1.5]),
  ratio('1 GiB up, CPU', 'up-1g', [2, 1.5]),
  figure('1 GiB down, memory growth', { scenario: 'down-1g', of: 'postern', key: 'growthMib' }, ['MiB', 30, 15]),
  figure('1 GiB up, memory growth', { scenario: 'up-1g', of: 'postern', key: 'growthMib' }, ['MiB', 30, 15]),
  stepDifference('10,000 routes, added per request', ['admit, 3 of 10,000 routes', 'admit, 3 routes'], ['µs', 1, 0.3]),
  figure('10,000 routes, start', { scenario: 'start', of: '10,000 routes', key: 'startMs' }, ['ms', 1_000, 300]),
  figure('10,000 routes, reload', { scenario: 'start', of: '10,000 routes', key: 'reloadMs' }, ['ms', 1_000, 300]),
  {
    ...figure('memory of 100,000 sessions', { scenario: 'session-memory', of: 'postern', key: 'addedResidentMib' }, ['MiB', 150, 60]),
    measured(results) {
      const [sessions, remembered, added] = ['sessions', 'remembered', 'addedResidentMib'].map((key) =>
        figureOf(results, { scenario: 'session-memory', of: 'postern', key }),
      );
      if (sessions !== undefined && sessions !== 100_000) return `a short run has ${sessions} sessions`;
      // Where asking takes longer than half a minute, a few are looked up again meanwhile, and found gone.
      const isShown = sessions === undefined || (remembered ?? 0) >= 0.99 * sessions;
      return isShown ? added : `the process remembered ${remembered ?? 0} of ${sessions} sessions`;
    },
  },
  ratio('p99 at half the saturating load', 'half-load', [2, 1.3]),
  step('policy decision, three criteria', 'decide, three criteria', ['µs', 0.5, 0.2]),
  {
    what: 'throughput of two workers to one',
    unit: '×',
    must: { kind: 'at least', value: 1.7 },
    goal: { kind: 'at least', value: 1.9 },
    needs: ['workers'],
    measured(results) {
      const gain = ratioOf(results, { scenario: 'workers', of: 'two workers' })?.median;
      return gain === undefined || results.machine.cores >= 3 ? gain : 'takes three cores, one of them for the load';
    },
  },
  figure('cold start to the first answer, 50 routes', { scenario: 'start', of: '50 routes', key: 'startMs' }, ['ms', 500, 250]),
];

type Levels = readonly [must: number, goal: number];
type UnitLevels = readonly [unit: string, must: number, goal: number];

interface FigurePlace {
  readonly scenario: string;
  readonly of: string;
  readonly key: string;
}

function ratio(what: string, scenario: string, levels: Levels): Target {
  return {
    ...atMost(what, ['×', ...levels]),
    needs: [scenario, 'nginx'],
    measured: (results) => ratioOf(results, { scenario, of: 'postern' })?.median,
  };
}

function cheaper(what: string, { scenario, than }: { readonly scenario: string; readonly than: string }, [must, goal]: Levels): Target {
  return {
    what,
    unit: '×',
    must: { kind: 'at least', value: must },
    goal: { kind: 'at least', value: goal },
    needs: [scenario, than],
    measured: (results) => ratioOf(results, { scenario, of: than, to: 'postern' })?.median,
  };
}

function figure(what: string, place: FigurePlace, levels: UnitLevels): Target {
  return { ...atMost(what, levels), needs: [place.scenario], measured: (results) => figureOf(results, place) };
}

function step(what: string, name: string, levels: UnitLevels): Target {
  return { ...atMost(what, levels), needs: [], measured: (results) => stepOf(results, name) };
}

function stepDifference(what: string, [longer, shorter]: readonly [string, string], levels: UnitLevels): Target {
  return {
    ...atMost(what, levels),
    needs: [],
    measured(results) {
      const [more, less] = [stepOf(results, longer), stepOf(results, shorter)];
      // What is lost in the noise is no gain.
      return more === undefined || less === undefined ? undefined : Math.max(0, more - less);
    },
  };
}

function atMost(what: string, [unit, must, goal]: UnitLevels): Pick<Target, 'what' | 'unit' | 'must' | 'goal'> {
  return { what, unit, must: { kind: 'at most', value: must }, goal: { kind: 'at most', value: goal } };
}

function figureOf({ measurements }: Results, { scenario, of, key }: FigurePlace): number | undefined {
  const values = measurements.flatMap((each) => {
    const value = each.scenario === scenario && each.candidate === of ? each.figures[key] : undefined;
    return value === undefined ? [] : [value];
  });
  return values.length === 0 ? undefined : median(values);
}

function stepOf({ micro }: Results, wanted: string): number | undefined {
  return micro.find(({ name }) => name === wanted)?.microseconds;
}
