import type { Crew } from './crew.ts';

const patienceMs = 1_000;

/**
 * Tells all workers but one that a record of the store was changed; resolves when those that serve know it. One that says nothing does not keep
 * the others waiting, and one that has only begun has nothing to forget, and hears it all the same.
 */
export async function tellOthers(crew: Pick<Crew, 'members' | 'others'>, number: number, key: string): Promise<void> {
  const serving = new Set(crew.members.map(({ worker }) => worker));
  const told = crew.others(number).map(async (worker) => {
    const telling = worker.channel.call('changed', key, patienceMs).catch(() => undefined);
    if (serving.has(worker)) await telling;
  });
  await Promise.all(told);
}
