import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// Loaded into a Postern that is measured (`--expose-gc --import`): on SIGUSR2 it collects its garbage and writes what is left
// into the file that BENCH_MEMORY_FILE names.

// V8 gives pages back to the system when it had no use for them for eight seconds.
const pagesKeptMs = 10_000;

process.on('SIGUSR2', () => void collectAndTell());

async function collectAndTell(): Promise<void> {
  // The first collection frees what the load left behind, the second makes the young generation small again, the third may bring what is
  // scattered together. The pages that each of them empties are part of what is resident until they are given back.
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await sleep(pagesKeptMs);
  }
  const { heapUsed, rss } = process.memoryUsage();
  writeFileSync(process.env['BENCH_MEMORY_FILE'] ?? '', JSON.stringify({ heapBytes: heapUsed, residentBytes: rss }));
}
