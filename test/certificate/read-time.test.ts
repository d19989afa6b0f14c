import { deepEqual, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MalformedDer, readDer } from '../../src/certificate/read-der.ts';
import { readTime } from '../../src/certificate/read-time.ts';
import { writeDer, writeTime } from '../../src/certificate/write-der.ts';

describe('readTime()', () => {
  it('reads back what was written, with two digits of the year and with four', () => {
    const dates = ['1999-12-31T23:59:59Z', '2000-02-29T00:00:00Z', '2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z', '9999-12-31T23:59:59Z'];
    deepEqual(
      dates.map((date) => readTime(readDer(writeTime(new Date(date))))),
      dates.map((date) => Date.parse(date)),
    );
  });

  it('takes years from 50 on for those of the last century', () => {
    deepEqual(readTime(readDer(writeDer(0x17, Buffer.from('500101000000Z')))), Date.parse('1950-01-01'));
  });

  it('refuses other forms, other types, and dates that do not exist', () => {
    const utc = [
      '',
      '2606011200Z',
      '260601120000',
      '260601120000+0000',
      '260601120000.5Z',
      '260230000000Z',
      '261301000000Z',
      '26060112000aZ',
    ];
    const general = ['20260601120000', '20260601120000.5Z', '260601120000Z', '20260601240000Z', '20260601120060Z'];
    for (const text of utc) throws(() => readTime(readDer(writeDer(0x17, Buffer.from(text)))), MalformedDer, text);
    for (const text of general) throws(() => readTime(readDer(writeDer(0x18, Buffer.from(text)))), MalformedDer, text);
    throws(() => readTime(readDer(writeDer(0x16, Buffer.from('260601120000Z')))), MalformedDer);
    throws(() => readTime(undefined), MalformedDer);
  });
});
