import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { HostPattern } from '../../src/http/host-table.ts';
import { buildHostTable, isWildcard, matchesHostPattern, parseHostPattern } from '../../src/http/host-table.ts';
import type { Hostname } from '../../src/http/hostname.ts';
import { parseHostname } from '../../src/http/hostname.ts';

function pattern(text: string): HostPattern {
  const parsed = parseHostPattern(text);
  assert.ok(parsed, text);
  return parsed;
}

function hostname(text: string): Hostname {
  const parsed = parseHostname(text);
  assert.ok(parsed, text);
  return parsed;
}

describe('parseHostPattern()', () => {
  it('gives names their canonical form, with wildcards or without', () => {
    assert.deepEqual(
      ['App.Example.', '*.Example.com.', '*', 'a*.example', '*-foo.example', '[2001:DB8::1]', '192.0.2.*'].map((text) =>
        parseHostPattern(text),
      ),
      ['app.example', '*.example.com', '*', 'a*.example', '*-foo.example', '[2001:db8::1]', '192.0.2.*'],
    );
  });

  it('refuses what could match no name, and wildcards in address literals', () => {
    const malformed = [
      '',
      '.',
      '*..example',
      '*.exa mple',
      '-*.example',
      '*:443',
      'https://*',
      '*/x',
      '\u212A*.example',
      '[*]',
      '[::*]',
      '*.a..',
    ];
    assert.deepEqual(
      malformed.filter((text) => parseHostPattern(text) !== undefined),
      [],
    );
  });
});

describe('isWildcard()', () => {
  it('tells patterns from names', () => {
    assert.deepEqual(
      ['*', 'a*.example', 'a.example'].map((text) => isWildcard(pattern(text))),
      [true, true, false],
    );
  });
});

describe('matchesHostPattern()', () => {
  it('lets a wildcard stand for any characters, dots and none included', () => {
    const fitting = [
      ['*.example.com', 'a.b.example.com'],
      ['*-foo.example', 'a.b-foo.example'],
      ['a*.example', 'a.example'],
      ['*', 'x'],
      ['a*b*c', 'a.xb.b-c'],
      ['**.example', 'a.example'],
      ['a.*', 'a.b'],
    ] as const;
    const others = [
      ['*.example.com', 'example.com'],
      ['*.example.com', 'a.example.com.evil.test'],
      ['a.example', 'a.example2'],
      ['a*b', 'ab-c'],
    ] as const;
    for (const [text, name] of fitting) assert.equal(matchesHostPattern(pattern(text), hostname(name)), true, text);
    for (const [text, name] of others) assert.equal(matchesHostPattern(pattern(text), hostname(name)), false, text);
  });

  it('agrees with the expression that a wildcard stands for', () => {
    const piece = fc.array(fc.constantFrom('a', 'b', '.', '*'), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(piece, piece, (written, name) => {
        const [host, read] = [parseHostname(name), parseHostPattern(written)];
        if (host === undefined || read === undefined) return;
        const expression = new RegExp(`^${read.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        assert.equal(matchesHostPattern(read, host), expression.test(host), `${read} ${host}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no time for a pattern that would make an expression explode', () => {
    const startedAt = performance.now();
    assert.equal(matchesHostPattern(pattern(`${'*a'.repeat(30)}b`), hostname(`${'a'.repeat(60)}.${'a'.repeat(60)}`)), false);
    assert.ok(performance.now() - startedAt < 100);
  });
});

describe('buildHostTable()', () => {
  const table = buildHostTable(
    [
      ['*.example', 1],
      ['a.example', 2],
      ['*', 3],
      ['a.example', 4],
    ].map(([host, value]) => ({ host: pattern(String(host)), value })),
  );

  it('gives everything registered for a name, in reading order, and hides the wildcards', () => {
    assert.deepEqual(table.match(hostname('A.example.')), [2, 4]);
  });

  it('gives every wildcard that fits a name that nobody registered', () => {
    assert.deepEqual([table.match(hostname('b.example')), table.match(hostname('other'))], [[1, 3], [3]]);
  });

  it('gives nothing for an unknown name', () => {
    assert.deepEqual(buildHostTable([{ host: pattern('a.example'), value: 1 }]).match(hostname('b.example')), []);
  });
});
