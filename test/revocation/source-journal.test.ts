import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSource, readAllowedHosts } from '../../src/revocation/allowed-source.ts';
import type { AllowedSource } from '../../src/revocation/allowed-source.ts';
import { openSourceJournal } from '../../src/revocation/source-journal.ts';

const failure = { kind: 'error', explanation: 'it answered with status 500' } as const;

function sourceAt(url: string): AllowedSource {
  const check = checkSource(url, readAllowedHosts(['a.example']));
  if (!check.ok) throw new Error(check.explanation);
  return check.source;
}

function openJournal() {
  const told: unknown[] = [];
  const clock = { now: 0 };
  const journal = openSourceJournal({
    now: () => clock.now,
    log: { warn: (fields) => told.push(['warn', fields]), info: (fields) => told.push(['info', fields]) },
    onFetch: () => {},
  });
  return { journal, told, clock };
}

describe('openSourceJournal()', () => {
  it('tells no query of a URL to anybody', () => {
    const { journal, told } = openJournal();
    journal.failed('ocsp', sourceAt('http://a.example/x?key=secret'), failure);
    assert.deepEqual(told, [['warn', { kind: 'ocsp', source: 'http://a.example/x', error: failure.explanation }]]);
    assert.deepEqual(journal.report().ocsp, [{ url: 'http://a.example/x', last_success: null, last_error: failure.explanation }]);
  });

  it('writes few lines about a source that fails now and then', () => {
    const { journal, told, clock } = openJournal();
    const source = sourceAt('http://a.example/x');
    for (clock.now = 0; clock.now < 60_000; clock.now += 1000) {
      journal.failed('ocsp', source, failure);
      journal.answered('ocsp', source);
    }
    assert.equal(told.length, 2);
    journal.failed('ocsp', source, failure);
    assert.equal(told.length, 3);
  });

  it('remembers a bounded number of sources, the last ones', () => {
    const { journal } = openJournal();
    for (let index = 0; index < 1100; index += 1) journal.answered('crl', sourceAt(`http://a.example/${index}`));
    const urls = journal.report().crls.map(({ url }) => url);
    assert.deepEqual([urls.length, urls.at(0), urls.at(-1)], [1000, 'http://a.example/100', 'http://a.example/1099']);
  });
});
