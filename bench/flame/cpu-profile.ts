/** The part of a .cpuprofile of V8 that is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes, and the µs since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
}

/** The start and the warm-up are left out, and the end. */
const window = { from: 0.5, to: 0.95 };

/** µs that each node was at work itself, in the second half of the profile; waiting is no work. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<number, number> {
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
  const whole = timeDeltas.reduce((sum, each) => sum + each, 0);
  const times = new Map<number, number>();
  let time = 0;
  for (const [index, id] of samples.entries()) {
    const took = timeDeltas[index] ?? 0;
    time += took;
    if (time < whole * window.from || time > whole * window.to || idle.has(id)) continue;
    times.set(id, (times.get(id) ?? 0) + took);
  }
  return times;
}

/** Where the code of a frame is from: `src/admit.ts`, `bin/postern`, `node_modules/undici/lib/…`, `node:net`, `native`. */
export function fileOf({ url }: CallFrame): string {
  return url === '' ? 'native' : url.replace(/^.*\/(?=(?:src|bin|dist|node_modules)\/)/, '');
}

/** `readInbound src/listener/read-inbound.ts:40`. */
export function labelOf(frame: CallFrame): string {
  const file = fileOf(frame);
  return `${frame.functionName || '(anonymous)'} ${file}${file === 'native' ? '' : `:${frame.lineNumber + 1}`}`;
}
