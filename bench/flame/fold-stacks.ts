import type { CpuProfile } from './cpu-profile.ts';
import { labelOf, selfTimes } from './cpu-profile.ts';

/** What a function called by a chain of others took by itself, in µs: the chain as labels from the outermost on, joined by `;`. */
export type FoldedStacks = ReadonlyMap<string, number>;

/** The root that V8 puts above everything is left out. */
export function foldStacks(profile: CpuProfile): FoldedStacks {
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const folded = new Map<string, number>();
  for (const [id, time] of selfTimes(profile)) {
    const stack: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = nodes.get(at)?.callFrame;
      if (frame !== undefined && frame.functionName !== '(root)') stack.unshift(labelOf(frame).replaceAll(';', ','));
    }
    if (stack.length > 0) folded.set(stack.join(';'), (folded.get(stack.join(';')) ?? 0) + time);
  }
  return folded;
}
