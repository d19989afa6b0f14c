import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import { fixesDomain } from '../../src/config/value-pattern.ts';
import { told } from './given-settings.ts';

describe('fixesDomain()', () => {
  it('sees a domain at the end of the group, or of the whole where there is none', () => {
    const fixing = [
      String.raw`(.+@corp\.example)`,
      String.raw`.+@corp\.example`,
      String.raw`^.+@corp\.example$`,
      String.raw`(?i)[a-z]+@CORP\.example`,
      String.raw`(?P<mail>[^@(|]+@corp\.example) \(staff\)`,
      String.raw`(?:a|b)+@corp\.example`,
      String.raw`((?:a|b)@corp\.example)\|x`,
      String.raw`[^]|()]+@corp\.example`,
      String.raw`[[:alpha:]]+\@corp`,
    ];
    assert.deepEqual(
      fixing.filter((pattern) => !fixesDomain(pattern)),
      [],
    );
  });

  it('sees none where it could be another one, or only seems to be there', () => {
    const open = [
      '(.+)',
      '.+@corp.example',
      String.raw`(.+)@corp\.example`,
      String.raw`(.+@corp\.example)?.*`,
      String.raw`(.+@corp\.example){0}.*`,
      String.raw`(.+@corp\.example)|.*`,
      String.raw`.*|.+@corp\.example`,
      String.raw`(.*|.+@corp\.example)`,
      String.raw`(?:(.+@corp\.example)|.*)`,
      String.raw`(.+@corp\.example.*)`,
      String.raw`.+@corp\.example?`,
      String.raw`.+@corp\\.example`,
      String.raw`.+@[corp\.example]`,
      String.raw`.+@corp\.(?:example)`,
      String.raw`\Q.+@corp\.example`,
      String.raw`(.+@a\.example)(.+@b\.example)`,
      String.raw`.+@corp\.example\$`,
      '.+@',
      '',
    ];
    assert.deepEqual(
      open.filter((pattern) => fixesDomain(pattern)),
      [],
    );
  });

  it('is right about every short text, whatever the expression', () => {
    const pieces = [
      String.raw`@x\.a`,
      '@x',
      'a',
      '.',
      '.*',
      '|',
      '(',
      '(?:',
      '(?P<n>',
      ')',
      '?',
      '*',
      '[@x]',
      '[^)]',
      '$',
      '^',
      '(?i)',
      String.raw`\Q`,
      String.raw`\E`,
    ];
    const expression = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 7 }).map((some) => some.join(''));
    const prefixed = fc.tuple(expression, fc.constantFrom('', String.raw`@x\.a`, String.raw`(.*@x\.a)`)).map((both) => both.join(''));
    let fixing = 0;
    fc.assert(
      fc.property(prefixed, (pattern) => {
        const compiled = compile(pattern);
        if (compiled === undefined || compiled.groupCount() > 1 || !fixesDomain(pattern)) return;
        fixing += 1;
        const domains = new Set(texts.flatMap((text) => valueOf(compiled, text) ?? []).map((value) => value.slice(value.lastIndexOf('@'))));
        assert.ok(domains.size <= 1 && [...domains].every((domain) => domain.startsWith('@')), `${pattern}: ${[...domains].join(' ')}`);
      }),
      { numRuns: 1_000, seed: 6 },
    );
    assert.ok(fixing > 30, `${fixing} expressions fix a domain`);
  });
});

/** Every text of up to five letters of these. */
const texts = [1, 2, 3, 4, 5].flatMap((length) => {
  return Array.from({ length: 4 ** length }, (_, index) =>
    Array.from({ length }, (__, at) => 'a@x.'[Math.floor(index / 4 ** at) % 4]).join(''),
  );
});

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    // Most texts of loose parentheses are no expressions.
    return undefined;
  }
}

/** What the expression makes of a text; a group that caught nothing counts as the empty text, which is in no domain. */
function valueOf(compiled: RE2JS, text: string): string | undefined {
  const matcher = compiled.matcher(text);
  return matcher.matches() ? (matcher.group(compiled.groupCount()) ?? '') : undefined;
}

describe('readValuePattern()', () => {
  it('counts capture groups as RE2 does', () => {
    const pieces = [
      'a',
      '(',
      '(?:',
      '(?P<n>',
      '(?<m>',
      '(?i)',
      '(?i:',
      ')',
      '[',
      '[^',
      ']',
      '[]()]',
      '[[:alpha:](]',
      String.raw`\(`,
      String.raw`\[`,
      String.raw`\\`,
      String.raw`\Q(`,
      String.raw`\E`,
      '|',
    ];
    const expression = fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((some) => `(${some.join('')})`);
    fc.assert(
      fc.property(expression, (pattern) => {
        const compiled = compile(pattern);
        if (compiled !== undefined) assert.equal(isRefused(pattern), compiled.groupCount() > 1, pattern);
      }),
      { numRuns: 400, seed: 6 },
    );
  });
});

function isRefused(match: string): boolean {
  const text = JSON.stringify({ insecure_server: true, certificate_identities: [{ name: 'rule', from: 'serial', match }] });
  return told({ text }).some(({ code }) => code === 'invalid-expression');
}
