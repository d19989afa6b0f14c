import { deepEqual, equal, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DistinguishedName } from '../../src/certificate/distinguished-name.ts';
import type { GeneralName } from '../../src/certificate/general-name.ts';
import type { NameConstraints } from '../../src/certificate/name-constraints.ts';
import { forbiddenName, readNameConstraints } from '../../src/certificate/name-constraints.ts';
import { MalformedDer } from '../../src/certificate/read-der.ts';
import { writeSequence } from '../../src/certificate/write-der.ts';
import { general, nameConstraints } from './name-constraints-extension.ts';

describe('readNameConstraints()', () => {
  it('refuses a second list, a list out of order, and fields it does not know', () => {
    const [permitted, excluded] = [nameConstraints([general.dns('a')]), nameConstraints([], [general.dns('b')])];
    const [inside, outside] = [Buffer.from(permitted.der).subarray(2), Buffer.from(excluded.der).subarray(2)];
    deepEqual(readNameConstraints(writeSequence(inside, outside)), {
      permitted: [{ kind: 'dns', text: 'a' }],
      excluded: [{ kind: 'dns', text: 'b' }],
    });
    for (const bytes of [writeSequence(outside, outside), writeSequence(outside, inside), writeSequence(inside, Buffer.of(0xa2, 0))])
      throws(() => readNameConstraints(bytes), MalformedDer);
  });
});

describe('forbiddenName()', () => {
  // What an authority must not get past by spelling a name another way. "?" is a name that can't be compared: refused by either list.
  const cases: readonly (readonly [name: GeneralName, base: GeneralName, isInside: boolean | '?'])[] = [
    [dns('evil.test.'), dns('evil.test'), true],
    [dns('EVIL.test'), dns('evil.test.'), true],
    [dns('a.evil.test'), dns('.evil.test'), true],
    [dns('evil.test'), dns(''), true],
    [dns('notevil.test'), dns('evil.test'), false],
    [email('a@evil.test.'), email('evil.test'), true],
    [email('a@EVIL.test'), email('a@evil.test'), true],
    [email('a@evil.test'), email('@evil.test'), true],
    [email('"x@y"@evil.test'), email('evil.test'), true],
    [email('a@b.evil.test'), email('evil.test'), false],
    [email('a@evil.test'), email(''), '?'],
    [email('evil.test'), email('evil.test'), '?'],
    [uri('https://evil.test./x'), uri('evil.test'), true],
    [uri('https://corp.test@evil.test/'), uri('evil.test'), true],
    [uri('https://evil.test\\@corp.test/'), uri('corp.test'), '?'],
    [uri('https://evil.test @corp.test/'), uri('corp.test'), '?'],
    [uri('https://evil.test'), uri(''), '?'],
    [uri('https://127.0.0.1/'), uri('corp.test'), '?'],
    [uri('https://[::1]/'), uri('corp.test'), '?'],
    [directory('Évil\u200b  Corp'), directory('éVIL corp'), true],
    [directory('Good'), directory('Evil'), false],
    [{ kind: 'directory', name: [[{ type: '2.5.4.10', text: undefined, raw: Buffer.from('1c00', 'hex') }]] }, directory('Evil'), '?'],
    [{ kind: 'other', tag: 0xa0 }, { kind: 'other', tag: 0xa0 }, '?'],
  ];
  for (const [name, base, isInside] of cases)
    it(`takes ${describeName(name)} for ${isInside === '?' ? 'not comparable with' : isInside ? 'inside' : 'outside'} ${describeName(base)}`, () => {
      deepEqual(
        { permitted: isAllowed(name, { permitted: [base], excluded: [] }), excluded: isAllowed(name, { permitted: [], excluded: [base] }) },
        isInside === '?' ? { permitted: false, excluded: false } : { permitted: isInside, excluded: !isInside },
      );
    });

  it('holds e-mail addresses in the subject to the rule for e-mail, beside alternative names and in any string type', () => {
    const constraints = { permitted: [email('corp.test')], excluded: [] };
    const names = [email('a@corp.test')];
    equal(forbiddenName(constraints, { subjectName: subjectOf('a@corp.test'), alternativeNames: names }, true), undefined);
    equal(forbiddenName(constraints, { subjectName: subjectOf('a@evil.test'), alternativeNames: names }, true), '"a@evil.test"');
    equal(forbiddenName(constraints, { subjectName: subjectOf(undefined), alternativeNames: names }, true), '""');
  });
});

function subjectOf(address: string | undefined): DistinguishedName {
  return [[{ type: '1.2.840.113549.1.9.1', text: address, raw: Buffer.of() }]];
}

function isAllowed(name: GeneralName, constraints: NameConstraints): boolean {
  return forbiddenName(constraints, { subjectName: [], alternativeNames: [name] }, true) === undefined;
}

function dns(text: string): GeneralName {
  return { kind: 'dns', text };
}

function email(text: string): GeneralName {
  return { kind: 'email', text };
}

function uri(text: string): GeneralName {
  return { kind: 'uri', text };
}

function directory(text: string): GeneralName {
  return { kind: 'directory', name: [[{ type: '2.5.4.10', text, raw: Buffer.from(text) }]] };
}

function describeName(name: GeneralName): string {
  if (name.kind === 'directory') return `O=${name.name[0]?.[0]?.text ?? 'an unread string'}`;
  return 'text' in name ? `${name.kind} "${name.text}"` : name.kind;
}
