import type { Crew } from './crew.ts';

const patienceMs = 1_000;

/** What `/status` shows of several workers: what one of them says of the configuration, and a row for each. */
export async function gatherStatus(
  { members, restarts }: Pick<Crew, 'members' | 'restarts'>,
  at: number,
): Promise<Readonly<Record<string, unknown>>> {
  const asked = members.map(async ({ number, worker, since }) => {
    const said = await worker.channel.call('status', undefined, patienceMs).catch(() => undefined);
    const seconds = Math.floor((at - since) / 1_000);
    return { said, row: { worker: number, pid: worker.pid, seconds, connections: said?.['connections'] ?? null } };
  });
  const answers = await Promise.all(asked);
  const { connections: _, ...first } = answers.find(({ said }) => said !== undefined)?.said ?? {};
  return {
    ...first,
    overloaded: answers.some(({ said }) => said?.['overloaded'] === true),
    workers: answers.map(({ row }) => row),
    worker_restarts: restarts,
  };
}
