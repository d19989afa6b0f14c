import { parsed } from '../parsed.ts';
import type { CriterionKind } from './criterion-kind.ts';
import { certainly, fixedSide } from './criterion-kind.ts';

const accepted = certainly(fixedSide(true, 'accept'));
const rejected = certainly(fixedSide(false, 'reject'));

/** `accept` and `reject`: the criteria that look at nothing. */
export const constantCriteria: readonly CriterionKind[] = [
  {
    name: 'accept',
    operand: 'anything',
    takesPath: false,
    needsPerson: false,
    whenTrue: ['accept'],
    whenFalse: [],
    compile: () => parsed(accepted),
  },
  {
    name: 'reject',
    operand: 'anything',
    takesPath: false,
    needsPerson: false,
    whenTrue: [],
    whenFalse: ['reject'],
    compile: () => parsed(rejected),
  },
];
