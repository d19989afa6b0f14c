import type { Reason } from './decision.ts';

export type ReasonUnion = (seen: readonly Reason[], more: readonly Reason[]) => readonly Reason[];

// A policy with a dozen kinds of criteria can come out in thousands of ways, and a visitor might try them all to fill the memory.
const mostRemembered = 256;

/**
 * Unites reason lists as sets, in order of first appearance. The lists of a policy are a handful of shared constants, so their
 * unions are remembered by identity: three criteria were measured at 0.5 µs without this and at 0.15 µs with it.
 */
export function createReasonUnion(): ReasonUnion {
  const remembered = new Map<readonly Reason[], Map<readonly Reason[], readonly Reason[]>>();
  let count = 0;
  return (seen, more) => {
    if (seen.length === 0 || seen === more) return more;
    const known = remembered.get(seen)?.get(more);
    if (known !== undefined) return known;
    const united = unite(seen, more);
    if (count < mostRemembered) {
      count += 1;
      const ofSeen = remembered.get(seen) ?? new Map<readonly Reason[], readonly Reason[]>();
      remembered.set(seen, ofSeen.set(more, united));
    }
    return united;
  };
}

/** `seen` itself when `more` adds nothing, so that unions of unions are found again. */
function unite(seen: readonly Reason[], more: readonly Reason[]): readonly Reason[] {
  const added = more.filter((reason) => !seen.includes(reason));
  return added.length === 0 ? seen : Object.freeze([...seen, ...added]);
}
