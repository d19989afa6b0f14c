import type { ProblemCode } from './problem-codes.ts';
import type { Problem } from './problem.ts';
import type { Ignore } from './read-ignores.ts';

export interface IgnoredProblem {
  readonly problem: Problem;
  readonly reason: string;
}

export interface ToldProblems {
  readonly told: readonly Problem[];
  readonly ignored: readonly IgnoredProblem[];
  /** Warnings of comments that ignore nothing; of worth only where every problem there can be was looked for. */
  readonly unused: readonly Problem[];
}

/** Takes away the warnings that comments ignore, and tells which comments ignore nothing. Errors always stay. */
export function applyIgnores(problems: readonly Problem[], ignores: readonly Ignore[]): ToldProblems {
  const used = new Set<Ignore>();
  const ignored: IgnoredProblem[] = [];
  const told = problems.filter((problem) => {
    const ignore = ignores.find((candidate) => covers(candidate, problem));
    if (ignore === undefined) return true;
    used.add(ignore);
    ignored.push({ problem, reason: ignore.reason });
    return false;
  });
  const unused = ignores
    .filter((ignore) => !used.has(ignore) && !ofMachine.has(ignore.code))
    .map(({ code, line, place }): Problem => {
      const message = `postern-ignore: there is no ${code} at line ${line}`;
      return { severity: 'warning', code: 'unused-ignore', message, place };
    });
  return { told, ignored, unused };
}

// It comes and goes with the permissions of a file: a comment that has nothing to ignore here may be needed where the file is used.
const ofMachine: ReadonlySet<ProblemCode> = new Set(['readable-secret']);

function covers({ code, line }: Ignore, { severity, code: found, place }: Problem): boolean {
  return severity === 'warning' && found === code && place?.kind === 'file' && place.line === line;
}
