import { isFieldName } from './header-list.ts';
import { ownCopy } from './own-copy.ts';

// Few names are sent at all, each of them with nearly every message. Strangers choose them: some are remembered, and no long ones.
const mostNames = 512;
const longestName = 64;

/**
 * Remembers what `judge`, a pure function, says of names of fields as they are written. Whoever fills the memory with inventions costs the
 * others one judgement of their names; nothing of the message that a name came with is kept.
 */
export function rememberNames<Judgement>(judge: (name: string) => Judgement): (name: string) => Judgement {
  const known = new Map<string, Judgement>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (name.length > longestName || !isFieldName(name)) return judge(name);
    if (known.size >= mostNames) known.clear();
    const own = ownCopy(name);
    const judgement = judge(own);
    known.set(own, judgement);
    return judgement;
  };
}
