import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { HostEntry, HostPattern } from '../../src/http/host-table.ts';
import { buildHostTable, isWildcard, matchesHostPattern, parseHostPattern } from '../../src/http/host-table.ts';
import type { Authority, Hostname } from '../../src/http/hostname.ts';
import { parseAuthority, parseHostname } from '../../src/http/hostname.ts';

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

/** `host` or `host:port`, and its own text as the value. */
function entry(from: string): HostEntry<string> {
  const [host = '', port] = from.split(':');
  return { host: pattern(host), port: port === undefined ? undefined : Number(port), value: from };
}

function authority(text: string): Authority {
  const parsed = parseAuthority(text);
  assert.ok(parsed, text);
  return parsed;
}

describe('buildHostTable()', () => {
  const table = buildHostTable(['*.example', 'a.example', '*', '*.example:8443', 'b.example:8443', 'a.example:8443'].map(entry));
  const at = (text: string) => table.matchAuthority(authority(text));

  it('gives what is registered for a name and this port, else for the name, and hides the wildcards', () => {
    assert.deepEqual(['A.example.', 'a.example:443', 'a.example:8443', 'a.example:9443'].map(at), [
      ['a.example'],
      ['a.example'],
      ['a.example:8443'],
      ['a.example'],
    ]);
  });

  it('gives every wildcard that fits a name that nobody registered, in reading order, those with this port first of all', () => {
    assert.deepEqual(['c.example', 'c.example:8443', 'other:8443'].map(at), [['*.example', '*'], ['*.example:8443'], ['*']]);
  });

  it('leaves a name that is registered with another port to the wildcards', () => {
    assert.deepEqual(['b.example:8443', 'b.example', 'b.example:9443'].map(at), [
      ['b.example:8443'],
      ['*.example', '*'],
      ['*.example', '*'],
    ]);
  });

  it('gives nothing for an unknown name', () => {
    const one = buildHostTable([entry('a.example')]);
    assert.deepEqual([one.matchAuthority(authority('b.example')), one.match(hostname('b.example'))], [[], []]);
  });

  it('gives, for a name without a port, what some port of it leads to', () => {
    assert.deepEqual(
      ['a.example', 'b.example', 'c.example'].map((name) => table.match(hostname(name))),
      [
        ['a.example', 'a.example:8443'],
        ['b.example:8443', '*.example', '*'],
        ['*.example', '*', '*.example:8443'],
      ],
    );
  });

  it('forgets nothing that some port leads to, and gives nothing else: handshakes are judged by it', () => {
    const hosts = ['a.example', 'b.example', '*.example', '*a*', '*', 'b.*'];
    const ports = [undefined, 8443, 9443];
    const entries = fc
      .array(fc.tuple(fc.constantFrom(...hosts), fc.constantFrom(...ports)), { maxLength: 8 })
      .map((written) => written.map(([host, port], index) => ({ host: pattern(host), port, value: index })));
    fc.assert(
      fc.property(entries, fc.constantFrom('a.example', 'b.example', 'c.example', 'b.test'), (registered, name) => {
        const built = buildHostTable(registered);
        const everywhere = [...ports, 443].flatMap((port) => built.matchAuthority({ hostname: hostname(name), port }));
        assert.deepEqual(new Set(built.match(hostname(name))), new Set(everywhere));
      }),
    );
  });
});
