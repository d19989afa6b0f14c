import 'reflect-metadata';
import assert from 'node:assert/strict';
import * as x509 from '@peculiar/x509';
import type { CaBundle } from '../../../src/certificate/ca-bundle.ts';
import { readCaBundle } from '../../../src/certificate/ca-bundle.ts';
import { readCrlBundle } from '../../../src/certificate/crl-bundle.ts';
import { readCrl, readEntries } from '../../../src/certificate/read-crl.ts';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { wordsOf } from '../mutate-bytes.ts';
import { mutateDer } from '../mutate-der.ts';
import { pemOf } from '../pem-of.ts';

/** Revocation lists in DER: one counts only when it is, to the last byte, one that the authority signed; the others are told, and nothing throws. */
export const crl: FuzzTarget = {
  name: 'crl',
  briefly: 1_200,
  meets: ['refused', 'read and not signed'],
  open() {
    const authority = readCorpus('certificate').find(({ about }) => about === 'the authority')?.bytes ?? assert.fail();
    const read = readCaBundle({ label: 'ca', path: [], text: pemOf('CERTIFICATE', authority) }, at);
    assert.ok(read.ok);
    const genuine = readCorpus('crl').map(({ bytes }) => bytes);
    return Promise.resolve({
      seeds: [],
      make: (random, known) => mutateDer(random, random.pick(known), { others: known, words }),
      check: (input) => check(input, read.bundle, genuine),
      [Symbol.asyncDispose]: closesNothing,
    });
  },
};

const at = Date.UTC(2026, 5, 1);
const words = wordsOf(
  '\x06\x03\x55\x1d\x1b',
  '\x06\x03\x55\x1d\x1c',
  '\x06\x03\x55\x1d\x14',
  '\x01\x01\xff',
  '\x30\x00',
  '\x05\x00',
  '20260101000000Z',
  '260101000000Z',
);

function check(input: Buffer, bundle: CaBundle, genuine: readonly Buffer[]): string {
  const read = readCrl(input);
  const counted = readCrlBundle({ label: 'crl', path: [], text: pemOf('X509 CRL', input) }, [bundle], at);
  if (typeof read === 'string') {
    assert.ok(!counted.ok, 'a list counts that cannot be read');
    assert.match(counted.message, /^Cannot use "crl" as revocation list: block 1 of 1 \S/);
    return 'refused';
  }
  const serials = new Set(read.crl.serials);
  assert.equal(read.crl.serials.size, serials.size, 'a number counts twice');
  const entries = readEntries(input);
  const found = typeof entries === 'string' ? serials : new Set(entries.map(({ serial }) => serial.toString('latin1')));
  assert.deepEqual(found, serials, 'the entries are others');
  const third = thirdReader(input);
  // Where it does not know a field it takes the next one for it, and misses the entries.
  if (third?.nextUpdate?.getTime() === read.crl.nextUpdate && third.thisUpdate.getTime() === read.crl.thisUpdate)
    assert.equal(
      new Set(third.entries.map(({ serialNumber }) => BigInt(`0x${serialNumber}`))).size,
      serials.size,
      'another number of entries',
    );
  if (!counted.ok) return 'read and not signed';
  if (counted.crls.lists.length === 0) return 'a stranger';
  assert.ok(
    genuine.some((each) => each.equals(input)),
    'a list counts that nobody signed',
  );
  return 'counts';
}

function thirdReader(der: Buffer): x509.X509Crl | undefined {
  try {
    return new x509.X509Crl(Uint8Array.from(der));
  } catch {
    // It may be stricter: nothing to compare with.
    return undefined;
  }
}
