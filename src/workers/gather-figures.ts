import type { Member } from './crew.ts';
import type { FigureBook } from './figure-book.ts';

// A scraper waits for ten seconds mostly, and one that hangs must not hide the others.
const patienceMs = 1_000;

/** Writes the figures of all workers into the book; answers how many of them said something in time. */
export async function gatherFigures(members: () => readonly Member[], book: FigureBook): Promise<number> {
  const asked = members().map(async ({ worker }) => ({
    worker,
    figures: await worker.channel.call('figures', undefined, patienceMs).catch(() => undefined),
  }));
  const answers = await Promise.all(asked);
  const alive = new Set(members().map(({ worker }) => worker));
  // Of one that has ended meanwhile the last page is closed.
  for (const { worker, figures } of answers) if (alive.has(worker)) book.note(worker, figures);
  return answers.filter(({ figures }) => figures !== undefined).length;
}
