/** What a criterion asks of one value (the e-mail, the method, …), as far as it can be told before there are facts. */
export interface Demand {
  /** The value's name; demands with the same one are about the same value. */
  readonly subject: string;
  /**
   * Undefined when they are beyond counting. Otherwise: whatever values several demands agree on, one of their candidates is
   * among them (for `is` and `in` every value that can fit, for ranges the first of each).
   */
  readonly candidates: readonly string[] | undefined;
  accepts(value: string): boolean;
}

/** False when it is certain that no value fulfils them all; true also when that can't be told. */
export function canAllHold(demands: readonly Demand[]): boolean {
  return [...Map.groupBy(demands, ({ subject }) => subject).values()].every(canAgree);
}

function canAgree(demands: readonly Demand[]): boolean {
  if (demands.every(({ candidates }) => candidates === undefined)) return true;
  return demands.flatMap(({ candidates }) => candidates ?? []).some((value) => demands.every((demand) => demand.accepts(value)));
}
