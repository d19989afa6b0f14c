import type { Locate, Place, SettingPath } from '../../config/problem.ts';
import { combine } from '../../policy/combine.ts';
import type { CombinationNode, CriterionNode, Evaluate } from '../../policy/policy-tree.ts';
import type { Route, Snapshot } from '../../snapshot.ts';
import type { ExplainedWithFacts } from '../explain-request.ts';

/** How much of the routes and policies some case made a difference to. */
export interface Coverage {
  /** Whole percent, rounded down: 100 is everything. */
  readonly percent: number;
  readonly routes: Tally;
  readonly rules: Tally;
  /** Each counts twice: it has to be true in one case and false in another. */
  readonly criteria: Tally;
  /** In the order of the configuration. */
  readonly gaps: readonly Gap[];
}

export interface Tally {
  readonly covered: number;
  readonly all: number;
}

export interface Gap {
  readonly kind: 'route' | 'rule' | 'criterion';
  readonly route: string;
  /** Of a rule or criterion; empty for a route. */
  readonly subject: string;
  readonly missing: 'never reached' | 'never held' | 'never true' | 'never false';
  readonly place: Place | undefined;
  /** Whether it follows from a route that no case reached, and needs no word of its own. */
  readonly implied: boolean;
}

interface Watched {
  readonly kind: Gap['kind'];
  readonly subject: string;
  readonly path: SettingPath;
  readonly evaluate: Evaluate;
  /** The outcomes that are worth seeing, and whether they were. */
  readonly wanted: Map<boolean, boolean>;
}

interface WatchedRoute {
  readonly route: Route;
  isReached: boolean;
  readonly parts: readonly Watched[];
}

export interface CoverageRecorder {
  see(explained: ExplainedWithFacts): void;
  report(locate: Locate): Coverage;
}

/** Records what the policies of a snapshot were asked, and evaluates each of their criteria once more by itself. */
export function recordCoverage({ routeList }: Pick<Snapshot, 'routeList'>): CoverageRecorder {
  const watched = new Map(routeList.map((route) => [route.settings.index, watch(route)]));
  return {
    see({ judged }) {
      const reached = judged === undefined ? undefined : watched.get(judged.route.settings.index);
      if (judged === undefined || reached === undefined) return;
      reached.isReached = true;
      for (const { evaluate, wanted } of reached.parts) {
        const { result } = evaluate(judged.facts);
        if (wanted.has(result)) wanted.set(result, true);
      }
    },
    report: (locate) => summarise([...watched.values()], locate),
  };
}

function watch(route: Route): WatchedRoute {
  const { path } = route.settings;
  const parts = route.policy.tree.flatMap((node): readonly Watched[] => {
    if (node.path === undefined) return watchDenial(node, route);
    // The shorthand keys of a route are one combination, and the route is its place.
    return node.path.length === 0 ? watchShorthand(node, path) : watchRule(node, [...path, ...node.path], path);
  });
  return { route, isReached: false, parts };
}

/** A rule of a policy, and its criteria one by one. */
function watchRule({ action, operator, criteria, evaluate }: CombinationNode, path: SettingPath, route: SettingPath): readonly Watched[] {
  const rule: Watched = { kind: 'rule', subject: `${action} ${operator}`, path, evaluate, wanted: new Map([[true, false]]) };
  return [rule, ...criteria.map((criterion) => watchCriterion(action, criterion, route))];
}

// They are what they are, whoever asks.
const constants: ReadonlyMap<string, boolean> = new Map([
  ['accept', true],
  ['reject', false],
]);

function watchCriterion(action: string, { name, data, path = [], evaluate }: CriterionNode, route: SettingPath): Watched {
  const operand = data === undefined || data === null || data === true ? '' : ` ${JSON.stringify(data)}`;
  const constant = constants.get(name);
  const wanted = constant === undefined ? [true, false] : [constant];
  return {
    kind: 'criterion',
    subject: `${action} ${name}${operand}`,
    path: [...route, ...path],
    evaluate,
    wanted: new Map(wanted.map((outcome) => [outcome, false])),
  };
}

/** Each shorthand key is a rule. */
function watchShorthand({ criteria }: CombinationNode, route: SettingPath): readonly Watched[] {
  const byKey = Map.groupBy(criteria, ({ path }) => String(path?.[0]));
  return [...byKey].map(([key, members]): Watched => {
    const evaluate = combine(
      'or',
      members.map((criterion) => criterion.evaluate),
    );
    return { kind: 'rule', subject: key, path: [...route, key], evaluate, wanted: new Map([[true, false]]) };
  });
}

/** The denial without a valid certificate: a rule that nobody wrote, of every route that has a CA to judge by. */
function watchDenial({ evaluate }: CombinationNode, { settings, trust }: Route): readonly Watched[] {
  if (trust === undefined) return [];
  return [{ kind: 'rule', subject: 'deny without a valid certificate', path: settings.path, evaluate, wanted: new Map([[true, false]]) }];
}

function summarise(routes: readonly WatchedRoute[], locate: Locate): Coverage {
  const parts = routes.flatMap((watched) => watched.parts);
  const tallies = {
    routes: { covered: routes.filter(({ isReached }) => isReached).length, all: routes.length },
    rules: tally(parts.filter(({ kind }) => kind === 'rule')),
    criteria: tally(parts.filter(({ kind }) => kind === 'criterion')),
  };
  const [covered, all] = Object.values(tallies).reduce(([seen, of], tallied) => [seen + tallied.covered, of + tallied.all], [
    0, 0,
  ] as readonly [number, number]);
  return {
    percent: all === 0 ? 100 : Math.floor((covered * 100) / all),
    ...tallies,
    gaps: routes.flatMap((watched) => gapsOf(watched, locate)),
  };
}

function tally(parts: readonly Watched[]): Tally {
  const outcomes = parts.flatMap(({ wanted }) => [...wanted.values()]);
  return { covered: outcomes.filter(Boolean).length, all: outcomes.length };
}

function gapsOf({ route, isReached, parts }: WatchedRoute, locate: Locate): readonly Gap[] {
  const own: Gap = {
    kind: 'route',
    route: route.label,
    subject: '',
    missing: 'never reached',
    place: locate(route.settings.path),
    implied: false,
  };
  return [
    ...(isReached ? [] : [own]),
    ...parts.flatMap(({ kind, subject, path, wanted }) =>
      [...wanted]
        .filter(([, seen]) => !seen)
        .map(([outcome]): Gap => ({
          kind,
          route: route.label,
          subject,
          missing: kind === 'rule' ? 'never held' : outcome ? 'never true' : 'never false',
          place: locate(path, 'key'),
          implied: !isReached,
        })),
    ),
  ];
}
