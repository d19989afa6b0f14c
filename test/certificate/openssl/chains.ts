import type { Random } from '../../fuzz/random.ts';
import { createRandom } from '../../fuzz/random.ts';
import type { FamilyChange } from './authorities.ts';
import { familyChanges } from './authorities.ts';
import type { Change, Family } from './family.ts';
import { goodFamily, noAuthorities } from './family.ts';
import type { Keys } from './keys.ts';
import { makeKeys } from './keys.ts';
import { nameChanges } from './leaf-names.ts';
import { goodLeaf, leafChanges } from './leaves.ts';
import type { CertificateForm, Written } from './write-certificate.ts';
import { writeCertificate } from './write-certificate.ts';

/** Chains that differ in the leaf alone. */
export interface Chains extends Pick<Family, 'allowPartialChain' | 'maxDepth'> {
  readonly anchors: readonly Written[];
  readonly sent: readonly Written[];
  readonly leaves: readonly Leaf[];
}

export interface Leaf extends Written {
  /** In what the chain differs from an ordinary one that is good. */
  readonly respect: Respect;
}

export type Respect = Pick<Change, 'name' | 'isGood'>;

/** Chains that are good, and chains that are wrong or unusual in one respect. The same for the same seed, but for keys and signatures. */
export function makeChains(seed: string): readonly Chains[] {
  const [random, keys] = [createRandom(seed), makeKeys()];
  return [
    ...random.times(110, (number) => write(random, goodFamily(random, keys, number), leavesOf(random, keys, 14))),
    ...random.times(40, () => write(random, noAuthorities, leavesOf(random, keys, 1))),
    ...familyChanges(keys).flatMap((change) => random.times(6, (number) => changed(random, keys, { change, number }))),
  ];
}

type DrawLeaves = (family: Family) => readonly (readonly [respect: Respect, form: CertificateForm])[];

/** About every fourth is good, the others each differ in something else that a leaf of this family can differ in. */
function leavesOf(random: Random, keys: Keys, count: number): DrawLeaves {
  return (family) => {
    // Few families constrain names, so those that do try that first.
    const changes = [...shuffled(random, nameChanges), ...shuffled(random, leafChanges(keys))].values();
    return random.times(count, () => {
      const form = goodLeaf(random, keys, family);
      if (random.oneIn(4)) return [nothing, form];
      for (const { name, isGood, change } of changes) {
        const difference = change(form, family, random);
        if (difference !== undefined)
          return [
            { name, isGood },
            { ...form, ...difference },
          ];
      }
      return [nothing, form];
    });
  };
}

const nothing: Respect = { name: 'nothing', isGood: true };

/** Draws families until the change can be made to one; four ordinary leaves of it. */
function changed(random: Random, keys: Keys, { change, number }: { readonly change: FamilyChange; readonly number: number }): Chains {
  for (;;) {
    const family = change.change(goodFamily(random, keys, number), random);
    if (family !== undefined) return write(random, family, () => random.times(4, () => [change, goodLeaf(random, keys, family)]));
  }
}

function write(random: Random, family: Family, draw: DrawLeaves): Chains {
  const { anchors, otherAnchors, unsent, alsoSent, allowPartialChain, maxDepth } = family;
  const authorities = family.authorities.map((form, level) => writeCertificate(form, family.authorities[level - 1]));
  const issuer = family.authorities.at(-1);
  const leaves = draw(family).map(([respect, form]): Leaf => ({ ...writeCertificate(form, issuer), respect }));
  const trusted = authorities.filter((_, level) => anchors.includes(level));
  const others = otherAnchors.map((form) => writeCertificate(form));
  const sent = [...authorities.filter((_, level) => !unsent.includes(level)), ...alsoSent.map((form) => writeCertificate(form))];
  return {
    anchors: [...others, ...(issuer === undefined ? leaves : trusted)],
    sent: shuffled(random, sent),
    leaves,
    allowPartialChain,
    maxDepth,
  };
}

function shuffled<T>(random: Random, list: readonly T[]): readonly T[] {
  return list
    .map((entry) => ({ entry, place: random.next() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ entry }) => entry);
}
