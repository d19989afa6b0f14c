import type { FoldedStacks } from './fold-stacks.ts';

/** A frame with everything it called above it. Shares are of the whole, 0 to 1. */
export interface FlameFrame {
  readonly label: string;
  /** 0 for what nobody called. */
  readonly depth: number;
  /** Where it begins. */
  readonly from: number;
  readonly share: number;
}

export interface Flame {
  readonly frames: readonly FlameFrame[];
  readonly depth: number;
}

interface Branch {
  time: number;
  readonly callees: Map<string, Branch>;
}

/** Callees stand by name, so that two drawings can be compared. Whoever has less than `leastShare` of the whole is left out, with all it called. */
export function buildFlame(folded: FoldedStacks, leastShare: number): Flame {
  const root = growTree(folded);
  const frames: FlameFrame[] = [];
  const place = (branch: Branch, depth: number, from: number): void => {
    let at = from;
    for (const [label, callee] of [...branch.callees].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      const share = callee.time / root.time;
      if (share >= leastShare) {
        frames.push({ label, depth, from: at, share });
        place(callee, depth + 1, at);
      }
      at += share;
    }
  };
  place(root, 0, 0);
  return { frames, depth: Math.max(0, ...frames.map(({ depth }) => depth + 1)) };
}

function growTree(folded: FoldedStacks): Branch {
  const root: Branch = { time: 0, callees: new Map() };
  for (const [stack, time] of folded) {
    root.time += time;
    let at = root;
    for (const label of stack.split(';')) {
      const next: Branch = at.callees.get(label) ?? { time: 0, callees: new Map() };
      at.callees.set(label, next);
      next.time += time;
      at = next;
    }
  }
  return root;
}
