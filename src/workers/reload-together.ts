import type { Problem } from '../config/problem.ts';
import type { Member } from './crew.ts';
import type { FileContents } from './remember-files.ts';
import type { Prepared } from './worker-faces.ts';

export type TogetherResult = Prepared | { readonly ok: 'nobody' };

/**
 * Puts a configuration in force in all workers, or in none: each builds it and says so, and only when nobody has anything against it each puts it
 * in force. `onCommit` is called before, with those that are going to: whoever begins from then on begins with it. One that says nothing is dead,
 * or made so: its successor gets what is in force.
 */
export async function reloadTogether(
  members: readonly Member[],
  files: FileContents,
  onCommit: (members: readonly Member[]) => void,
): Promise<TogetherResult> {
  const answers = await Promise.all(
    members.map(async (member) => ({ member, prepared: await member.worker.channel.call('prepare', files).catch(() => undefined) })),
  );
  const refused = answers.flatMap(({ prepared }) => (prepared?.ok === false ? [prepared] : []));
  const ready = answers.flatMap(({ member, prepared }) => (prepared?.ok === true ? [{ member, prepared }] : []));
  const [first] = ready;
  if (refused.length > 0 || first === undefined) {
    await Promise.allSettled(ready.map(({ member }) => member.worker.channel.call('abandon', undefined)));
    return refused.length > 0 ? { ok: false, problems: allProblems(refused) } : { ok: 'nobody' };
  }
  onCommit(ready.map(({ member }) => member));
  await Promise.all(
    answers.map(async ({ member: { worker }, prepared }) => {
      if (prepared === undefined) worker.kill();
      else await worker.channel.call('commit', undefined).catch(() => worker.kill());
    }),
  );
  return first.prepared;
}

/** All workers read the same and mostly find the same. */
function allProblems(refused: readonly { readonly problems: readonly Problem[] }[]): readonly Problem[] {
  return [...new Map(refused.flatMap(({ problems }) => problems).map((problem) => [JSON.stringify(problem), problem])).values()];
}
