import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCrlBundle } from '../../src/certificate/crl-bundle.ts';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import { at, valid } from './frozen-times.ts';
import { longList, serialAt } from './long-list.ts';
import { bundleOf } from './trust-of.ts';
import { pemOf } from './written-crl.ts';

const entries = 100_000;

describe('a revocation list of a hundred thousand entries', () => {
  it('is read whole: every number on it is found, and none beside them', async () => {
    const root = await issueAuthority({ ...valid, commonName: 'Root' });
    const read = readCrlBundle({ text: pemOf(longList(root, entries)), label: 'crl', path: [] }, [bundleOf([root])], at);
    const serials = read.ok ? read.crls.lists[0]?.serials : undefined;
    equal(serials?.size, entries);
    const keys = Array.from({ length: 2 * entries }, (_, index) => serialAt(index).toString('latin1'));
    deepEqual(
      keys.filter((key, index) => serials?.has(key) !== index < entries),
      [],
    );
  });

  it('takes less memory than its file once it is read', () => {
    const script = fileURLToPath(new URL('./measure-long-list.ts', import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, String(entries)], { encoding: 'utf8' });
    const measured: unknown = JSON.parse(stdout === '' ? 'null' : stdout);
    ok(isMeasured(measured), stderr);
    equal(measured.entries, entries);
    // Half of it when this was written: the numbers themselves, and four bytes for each.
    ok(measured.grownBy < measured.bytes, `${measured.grownBy} bytes stay of ${measured.bytes}`);
  });
});

function isMeasured(value: unknown): value is { readonly bytes: number; readonly grownBy: number; readonly entries: unknown } {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'grownBy' in value;
}
