/** Of a verdict about a name: the field is left out. The other bits belong to the steps. */
export const dropped = 1;

interface Step<Apply> {
  readonly wakes?: string;
  readonly apply?: Apply;
}

export interface StepBits<Apply> {
  /** The steps that do more than drop names, in their order. */
  readonly applied: readonly { readonly bit: number; readonly apply: Apply }[];
  /** The bits of those that run whatever was sent. */
  readonly always: number;
  /** The bits of those that run where this name was sent, which is in lower case. */
  readonly wokenBy: (lowerName: string) => number;
}

/** Numbers the steps, so that one look at each field tells which of them have something to do. At most 29 of them do more than drop names. */
export function stepBits<Apply>(steps: readonly Step<Apply>[]): StepBits<Apply> {
  const numbered = steps
    .flatMap(({ wakes, apply }) => (apply === undefined ? [] : [{ wakes, apply }]))
    .map((step, index) => ({ ...step, bit: 2 << index }));
  const bitsOf = (name: string | undefined): number =>
    numbered.filter(({ wakes }) => wakes === name).reduce((bits, { bit }) => bits | bit, 0);
  return { applied: numbered.map(({ bit, apply }) => ({ bit, apply })), always: bitsOf(undefined), wokenBy: bitsOf };
}
