import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import type { Random } from '../../fuzz/random.ts';

/** Keys are made once and used again and again: making them is what takes long. */
export interface Keys {
  /** One that is strong enough, and none of `others`. */
  another(random: Random, others: readonly KeyObject[]): KeyObject;
  readonly smallRsa: KeyObject;
  readonly smallCurve: KeyObject;
}

export function makeKeys(): Keys {
  const strong = [
    ...Array.from({ length: 16 }, () => curve('P-256')),
    ...Array.from({ length: 4 }, () => curve('P-384')),
    ...Array.from({ length: 3 }, () => rsa(2048)),
    ...Array.from({ length: 4 }, () => generateKeyPairSync('ed25519').privateKey),
  ];
  return {
    another: (random, others) => random.pick(strong.filter((key) => !others.includes(key))),
    smallRsa: rsa(1024),
    smallCurve: curve('secp224r1'),
  };
}

function curve(namedCurve: string): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

function rsa(modulusLength: number): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey;
}
