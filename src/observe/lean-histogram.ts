import type { LaterRegistry } from './later-registry.ts';

export interface LeanHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly registry: LaterRegistry;
}

/**
 * A histogram without labels that keeps its own numbers and puts them into words at scrape time, in those of the library. The library's
 * `observe` looks for labels and their values each time, at many times the price of an addition.
 */
export class LeanHistogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  // One number for each bound, and one for what is beyond the last.
  readonly #counts: Float64Array;
  #sum = 0;

  constructor({ name, help, buckets, registry }: LeanHistogramOptions) {
    registry.add(({ Histogram }, registers) => {
      const figures = (): HistogramFigures => this.#figures();
      class Kept extends Histogram {
        /** What the library asks for whenever it writes text or objects; its own would read its own numbers. */
        async getForPromString(): Promise<HistogramFigures> {
          return figures();
        }
      }
      // oxlint-disable-next-line no-new -- the registry keeps it
      new Kept({ name, help, buckets: [...buckets], registers: [registers] });
    });
    this.#name = name;
    this.#help = help;
    this.#bounds = buckets;
    this.#counts = new Float64Array(buckets.length + 1);
  }

  /** Throws on what is no finite number, as the library does: it would spoil the sum for good. */
  add(value: number): void {
    if (!Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${value}`);
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  #figures(): HistogramFigures {
    const name = this.#name;
    let upToHere = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, index) => {
      upToHere += this.#counts[index] ?? 0;
      return sample(`${name}_bucket`, { le }, upToHere);
    });
    const values = [...buckets, sample(`${name}_sum`, {}, this.#sum), sample(`${name}_count`, {}, upToHere)];
    return { name, help: this.#help, type: 'histogram', values, aggregator: 'sum' };
  }
}

interface HistogramFigures {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly values: readonly HistogramSample[];
  /** How the figures of several processes become one. */
  readonly aggregator: 'sum';
}

interface HistogramSample {
  readonly metricName: string;
  readonly labels: { readonly le?: number | string };
  readonly sharedLabels: object;
  readonly value: number;
}

function sample(metricName: string, labels: HistogramSample['labels'], value: number): HistogramSample {
  return { metricName, labels, sharedLabels: {}, value };
}
