// Started by long-list.test.ts in a process of its own, with --expose-gc: says what reading a list leaves behind in memory.

import { readCrlBundle } from '../../src/certificate/crl-bundle.ts';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import { at, valid } from './frozen-times.ts';
import { longList } from './long-list.ts';
import { bundleOf } from './trust-of.ts';
import { pemOf } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const bundle = bundleOf([root]);
// What is made once and stays, code and tables, is made for the first.
measure(10);
process.stdout.write(JSON.stringify(measure(Number(process.argv[2]))));

function measure(entries: number): object {
  const der = longList(root, entries);
  const text = pemOf(der);
  const before = memoryInUse();
  const read = readCrlBundle({ text, label: 'crl', path: [] }, [bundle], at);
  const grownBy = memoryInUse() - before;
  return { bytes: der.length, grownBy, entries: read.ok ? read.crls.lists[0]?.serials.size : read.message };
}

function memoryInUse(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
