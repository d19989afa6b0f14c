/**
 * Divides `totalMs` from now on among those who come one after the other: what is left, by how many still share it. Who needs less than its
 * share leaves the rest to the others, and the first that hangs can't take it all.
 */
export function shareTime(totalMs: number, clock: () => number): (sharers: number) => number {
  const endsAt = clock() + totalMs;
  return (sharers) => Math.max(endsAt - clock(), 0) / sharers;
}
