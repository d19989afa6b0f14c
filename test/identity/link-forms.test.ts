import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createLinkForms } from '../../src/identity/link-forms.ts';
import { createSealer } from '../../src/identity/sealer.ts';
import { personNamed } from './leaf-facts.ts';

const [alice, bob] = [personNamed('alice'), personNamed('bob')];
const form = { action: 'link', fingerprint: 'a'.repeat(64) } as const;

describe('createLinkForms()', () => {
  it('reads for an hour what was written for the same session, and for no other', () => {
    let now = 0;
    const forms = createLinkForms(createSealer([randomBytes(32)], 'form'), () => now);
    const text = forms.write(alice, form);
    const read = [forms.read(alice, text), forms.read(bob, text), forms.read({ ...alice, sessionId: 'another' }, text)];
    now = 3_600_000;
    read.push(forms.read(alice, text));
    now += 1;
    read.push(forms.read(alice, text));
    now = -3_600_001;
    read.push(forms.read(alice, text));
    assert.deepEqual(read, [form, undefined, undefined, form, undefined, undefined]);
  });

  it('reads nothing that is altered, empty, or written for somebody without a session', () => {
    const forms = createLinkForms(createSealer([randomBytes(32)], 'form'), () => 0);
    const nobody = { ...alice, sessionId: undefined };
    const text = forms.write(alice, form);
    assert.deepEqual(
      [
        forms.read(alice, ''),
        forms.read(alice, `${text}A`),
        forms.read(alice, text.slice(1)),
        forms.read(nobody, forms.write(nobody, form)),
      ],
      [undefined, undefined, undefined, undefined],
    );
  });
});
