import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalName, readDistinguishedName, writeDistinguishedName } from '../../src/certificate/distinguished-name.ts';
import { readDer } from '../../src/certificate/read-der.ts';
import { writeBmpString, writeDer, writeOid, writeSequence, writeSet } from '../../src/certificate/write-der.ts';

describe('writeDistinguishedName()', () => {
  const cases: readonly (readonly [what: string, name: Buffer, expected: string])[] = [
    ['the most specific part first', nameOf([utf8('2.5.4.10', 'Acme')], [utf8('2.5.4.3', 'alice')]), 'CN=alice,O=Acme'],
    ['parts of several attributes joined by +', nameOf([utf8('2.5.4.3', 'a'), utf8('2.5.4.11', 'b')]), 'CN=a+OU=b'],
    ['characters that could end a value', nameOf([utf8('2.5.4.3', 'a,b+c"d\\e<f>g;h')]), 'CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h'],
    ['a value that looks like two', nameOf([utf8('2.5.4.3', 'x,O=Admins')]), 'CN=x\\,O=Admins'],
    ['spaces and # at the ends', nameOf([utf8('2.5.4.3', ' a ')], [utf8('2.5.4.3', '#b# ')]), 'CN=\\#b#\\ ,CN=\\ a\\ '],
    ['a lone space', nameOf([utf8('2.5.4.3', ' ')]), 'CN=\\ '],
    ['line ends, NUL and letters that turn the direction', nameOf([utf8('2.5.4.3', 'a\n\0\u202eb')]), 'CN=a\\0A\\00\\E2\\80\\AEb'],
    ['text that imitates an escape', nameOf([utf8('2.5.4.3', 'a\\0Ab')]), 'CN=a\\\\0Ab'],
    ['letters of the world as they are', nameOf([utf8('2.5.4.3', 'Łucja')]), 'CN=Łucja'],
    ['an attribute without a short name', nameOf([utf8('1.2.3.4', 'x')]), '1.2.3.4=#0c0178'],
    ['text that is not in its own encoding', nameOf([attribute('2.5.4.3', writeDer(0x0c, Buffer.of(0xff)))]), 'CN=#0c01ff'],
    ['a value that is no string', nameOf([attribute('2.5.4.3', writeDer(0x02, Buffer.of(5)))]), 'CN=#020105'],
    ['a BMPString', nameOf([attribute('2.5.4.3', writeBmpString('aŁ'))]), 'CN=aŁ'],
    [
      'domain components and an e-mail address',
      nameOf([ia5('0.9.2342.19200300.100.1.25', 'test')], [ia5('1.2.840.113549.1.9.1', 'a@b')]),
      'emailAddress=a@b,DC=test',
    ],
    ['an empty name', nameOf(), ''],
  ];
  for (const [what, name, expected] of cases) {
    it(`writes ${what}`, () => {
      equal(writeDistinguishedName(readDistinguishedName(readDer(name))), expected);
    });
  }
});

describe('canonicalName()', () => {
  it('is equal whatever the string type, the case and the spaces', () => {
    deepEqual(canonical(nameOf([utf8('2.5.4.10', ' Acme  INC ')])), canonical(nameOf([ia5('2.5.4.10', 'acme inc')])));
  });

  it('is equal whatever the case in any script, and for what nobody sees', () => {
    deepEqual(canonical(nameOf([utf8('2.5.4.10', 'ÉCOLE\u00ad \u200bŁódź')])), canonical(nameOf([utf8('2.5.4.10', 'école ŁÓDŹ')])));
  });

  it('differs where one value imitates two', () => {
    const two = canonical(nameOf([utf8('2.5.4.3', 'a'), utf8('2.5.4.3', 'b')]));
    const one = canonical(nameOf([utf8('2.5.4.3', 'a"+2.5.4.3="b')]));
    equal(two.join() === one.join(), false);
  });
});

function canonical(name: Buffer): readonly string[] {
  return canonicalName(readDistinguishedName(readDer(name)));
}

function nameOf(...rdns: readonly (readonly Buffer[])[]): Buffer {
  return writeSequence(...rdns.map((attributes) => writeSet(...attributes)));
}

function utf8(type: string, text: string): Buffer {
  return attribute(type, writeDer(0x0c, Buffer.from(text, 'utf8')));
}

function ia5(type: string, text: string): Buffer {
  return attribute(type, writeDer(0x16, Buffer.from(text, 'latin1')));
}

function attribute(type: string, value: Buffer): Buffer {
  return writeSequence(writeOid(type), value);
}
