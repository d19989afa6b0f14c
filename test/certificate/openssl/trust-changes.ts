import type { Random } from '../../fuzz/random.ts';
import { past } from '../frozen-times.ts';
import type { FamilyChange } from './authorities.ts';
import type { Family } from './family.ts';
import { keysOf, nameOf, selfSigned } from './family.ts';
import type { Keys } from './keys.ts';
import type { CertificateForm } from './write-certificate.ts';

/** Of what is trusted and how far, and of what was sent. */
export function trustChanges(keys: Keys): readonly FamilyChange[] {
  const namesake = ({ authorities }: Family, random: Random, level: number): CertificateForm =>
    selfSigned(random, keys, authorities[level]?.subject ?? [], keysOf(authorities));
  const twins =
    (hasKeyIds: boolean): FamilyChange['change'] =>
    (family, random) => {
      if (family.authorities.some((form) => form.hasKeyIds !== hasKeyIds)) return undefined;
      const levels = [anchorOf(family), family.authorities.length - 1];
      const [first, ...others] = levels.map((level) => ({ ...namesake(family, random, level), hasKeyIds }));
      return first === undefined ? undefined : { ...family, otherAnchors: [first], alsoSent: [first, ...others] };
    };
  return [
    bad('another authority is trusted', (family, random) => ({
      ...family,
      anchors: [],
      otherAnchors: [selfSigned(random, keys, nameOf('Trusted'), keysOf(family.authorities))],
    })),
    bad('another authority of the same name is trusted', (family, random) => ({
      ...family,
      anchors: [],
      otherAnchors: [namesake(family, random, anchorOf(family))],
    })),
    bad('an authority of the same name was sent instead', (family, random) => {
      const level = anchorOf(family) + 1;
      if (level >= family.authorities.length) return undefined;
      return { ...family, unsent: [...family.unsent, level], alsoSent: [...family.alsoSent, namesake(family, random, level)] };
    }),
    fine('authorities of the same name beside the right ones, keys named', twins(true)),
    fine('authorities of the same name beside the right ones, keys not named', twins(false)),
    fine('an anchor above the anchor expired', (family, random) => {
      const [root, ...others] = family.authorities;
      if (root === undefined || others.length === 0) return undefined;
      return { ...family, authorities: [{ ...root, ...past }, ...others], anchors: [0, 1 + random.below(others.length)], unsent: [0] };
    }),
    ...limitChanges,
  ];
}

function bad(name: string, change: FamilyChange['change']): FamilyChange {
  return { name, isGood: false, change };
}

function fine(name: string, change: FamilyChange['change']): FamilyChange {
  return { name, isGood: true, change };
}

const limitChanges: readonly FamilyChange[] = [
  {
    name: 'an intermediate is trusted, and partial chains are not',
    isGood: false,
    change: (family) => (anchorOf(family) === 0 ? undefined : { ...family, allowPartialChain: false }),
  },
  {
    name: 'an intermediate is trusted and all above it too, and partial chains are not',
    isGood: true,
    change: (family) => (anchorOf(family) === 0 ? undefined : { ...family, ...upTo(anchorOf(family)), allowPartialChain: false }),
  },
  {
    name: 'an intermediate is trusted and its root too, what is between was sent, and partial chains are not',
    isGood: true,
    change: (family) =>
      anchorOf(family) < 2 ? undefined : { ...family, anchors: [0, anchorOf(family)], unsent: [0], allowPartialChain: false },
  },
  {
    name: 'as many authorities as are allowed',
    isGood: true,
    change: (family) => ({ ...family, maxDepth: family.authorities.length - anchorOf(family) }),
  },
  {
    name: 'one authority more than is allowed',
    isGood: false,
    change(family) {
      const depth = family.authorities.length - anchorOf(family);
      return depth < 2 ? undefined : { ...family, maxDepth: depth - 1 };
    },
  },
];

function upTo(last: number): Pick<Family, 'anchors' | 'unsent'> {
  const levels = Array.from({ length: last + 1 }, (_, level) => level);
  return { anchors: levels, unsent: levels };
}

function anchorOf({ anchors }: Family): number {
  return anchors[0] ?? 0;
}
