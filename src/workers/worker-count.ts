/** What a machine allows. */
export interface Machine {
  /** How many threads it runs at once, as far as this process may use them. */
  readonly parallelism: number;
  readonly platform: NodeJS.Platform;
}

/** How many processes are to serve. Throws where they can't share a port: a sentence for the operator. */
export function countWorkers(written: number | 'auto', { parallelism, platform }: Machine): number {
  const canShare = platform === 'linux';
  if (written === 'auto') return canShare ? Math.max(1, parallelism) : 1;
  if (written > 1 && !canShare)
    throw new Error(`${written} workers can't share a port on ${platform}, only on Linux: write workers: 1, or auto`);
  return written;
}
