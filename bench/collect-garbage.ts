import { writeFileSync } from 'node:fs';

// Loaded into a Postern that is measured (`--expose-gc --import`): on SIGUSR2 it collects its garbage and writes what is left
// into the file that BENCH_MEMORY_FILE names.

process.on('SIGUSR2', () => {
  // Twice: what finalizers let go of in the first goes with the second.
  for (let turn = 0; turn < 2; turn += 1) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  writeFileSync(process.env['BENCH_MEMORY_FILE'] ?? '', JSON.stringify({ heapBytes: heapUsed, residentBytes: rss }));
});
