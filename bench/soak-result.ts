/** What a Postern holds at one moment, after a collection of garbage. */
export interface Sample {
  /** Since the load began. */
  readonly atSeconds: number;
  readonly heapMib: number;
  readonly residentMib: number;
  /** Open file descriptors: sockets, the store, the log. */
  readonly files: number;
  /** Sockets of visitors that something still refers to, the closed ones included; counted only when nobody is there who would wait for it. */
  readonly socketsHeld: number | undefined;
}

export interface SoakResult {
  readonly seconds: number;
  readonly samples: readonly Sample[];
  /** Before the first visitor. */
  readonly idle: Sample;
  /** After the last one. */
  readonly over: Sample;
  /** What the metrics said was open when everybody had gone. */
  readonly open: { readonly connections: number; readonly streams: number };
  /** What was done how often. */
  readonly done: Readonly<Record<string, number>>;
}

/** The part of the samples that counts: before it, code is compiled and caches fill. */
const warmUp = 0.25;

/** How much the heap, and the resident memory, grow by the minute: the slope of the straight line through the samples after the warm-up. */
export function growthOf({ samples }: SoakResult): { readonly heapMibPerMinute: number; readonly residentMibPerMinute: number } {
  const counted = samples.slice(Math.ceil(samples.length * warmUp));
  return {
    heapMibPerMinute: slope(counted, ({ heapMib }) => heapMib) * 60,
    residentMibPerMinute: slope(counted, ({ residentMib }) => residentMib) * 60,
  };
}

/** By least squares, per second. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const times = samples.map(({ atSeconds }) => atSeconds);
  const values = samples.map(of);
  const [time, value] = [mean(times), mean(values)];
  const covariance = times.reduce((sum, each, index) => sum + (each - time) * ((values[index] ?? value) - value), 0);
  return covariance / times.reduce((sum, each) => sum + (each - time) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Half of the samples are below it. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
