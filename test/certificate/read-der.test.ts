import { equal, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MalformedDer, readBoolean, readChildren, readDer, readOid, readSmallInteger } from '../../src/certificate/read-der.ts';
import { writeDer, writeInteger, writeOid } from '../../src/certificate/write-der.ts';

describe('readDer()', () => {
  it('reads back what was written, short and long', () => {
    for (const length of [0, 127, 128, 255, 256, 70_000]) {
      equal(readDer(writeDer(0x04, Buffer.alloc(length, 7))).contents.length, length);
    }
  });

  const malformed: readonly (readonly [what: string, hex: string])[] = [
    ['nothing', ''],
    ['a tag alone', '04'],
    ['a value cut short', '040301'],
    ['bytes after the value', '040001'],
    ['an indefinite length', '30800000'],
    ['a length of five bytes', '04850000000000'],
    ['a length of four bytes that are all zero', '048400000000'],
    ['a long form where the short one fits', '048101ff'],
    ['a length with a leading zero', `04820080${'00'.repeat(128)}`],
    ['a tag of several bytes', '1f8100'],
  ];
  for (const [what, hex] of malformed) {
    it(`refuses ${what}`, () => {
      throws(() => readDer(Buffer.from(hex, 'hex')), MalformedDer);
    });
  }

  it('refuses to look for values inside one that is primitive', () => {
    throws(() => readChildren(readDer(Buffer.from('04020500', 'hex'))), MalformedDer);
  });
});

describe('readOid()', () => {
  it('reads back what was written', () => {
    for (const oid of ['2.5.4.3', '1.2.840.113549.1.9.1', '0.9.2342.19200300.100.1.25', '2.16.840.1.101.3.4.2.1', '2.999.1'])
      equal(readOid(readDer(writeOid(oid))), oid);
  });

  it('refuses one that is empty, cut short, or too large to be told from others', () => {
    for (const hex of ['0600', '060181', `060a${'ff'.repeat(9)}7f`]) throws(() => readOid(readDer(Buffer.from(hex, 'hex'))), MalformedDer);
  });
});

describe('readBoolean() and readSmallInteger()', () => {
  it('read values of DER and no others', () => {
    equal(readBoolean(readDer(Buffer.from('0101ff', 'hex'))), true);
    equal(readSmallInteger(readDer(writeInteger(70_000))), 70_000);
    equal(readSmallInteger(readDer(writeInteger(128))), 128);
    throws(() => readBoolean(readDer(Buffer.from('010101', 'hex'))), MalformedDer);
    throws(() => readSmallInteger(readDer(Buffer.from('0201ff', 'hex'))), MalformedDer);
    throws(() => readSmallInteger(readDer(Buffer.from('02050100000000', 'hex'))), MalformedDer);
  });
});
