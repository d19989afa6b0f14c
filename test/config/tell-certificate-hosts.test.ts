import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { told } from './given-settings.ts';

describe('tellCertificateHosts()', () => {
  it('knows two routes that one handshake may be for', () => {
    const shared = [
      ['a.corp.example', 'a.corp.example'],
      ['a.corp.example:8443', 'a.corp.example'],
      ['*.corp.example', '*.corp.example'],
      ['*.corp.example', 'a*.example'],
      ['*a*', '*b*'],
      ['a*c', 'ab*'],
      ['a.corp.example:8443', '*.corp.example'],
      ['*', 'a*'],
    ];
    const apart = [
      ['a.corp.example', 'b.corp.example'],
      ['a.corp.example', '*.corp.example'],
      ['*.corp.example', '*.corp.exampl'],
      ['a*', 'b*'],
      ['*.b', '*.c'],
      ['a*b', 'a*c'],
    ];
    assert.deepEqual([conflicts(shared), conflicts(apart)], [Array(shared.length * 2).fill(true), Array(apart.length * 2).fill(false)]);
  });

  it('lets them be where the policy decides, and where they want the same', () => {
    const outcomes = [
      isConflict('a.x', 'a.x', { enforcement: 'policy' }),
      isConflict('a.x', 'a.x', { modes: ['required', 'required'] }),
      isConflict('a.x', 'a.x', { modes: ['none', 'optional'] }),
      isConflict('a.x', 'a.x', { modes: ['required', undefined] }),
      isConflict('a.x', 'a.x', { modes: ['none', undefined] }),
    ];
    assert.deepEqual(outcomes, [false, false, false, false, true]);
  });
});

/** Of each pair, whichever comes first. */
function conflicts(pairs: readonly (readonly string[])[]): readonly boolean[] {
  return pairs.flatMap(([one = '', other = '']) => [isConflict(one, other), isConflict(other, one)]);
}

interface Conditions {
  readonly enforcement?: string;
  readonly modes?: readonly [string | undefined, string | undefined];
}

function isConflict(
  one: string,
  other: string,
  { enforcement = 'reject_connection', modes = ['required', 'none'] }: Conditions = {},
): boolean {
  const routes = [one, other].map((host, index) => ({
    from: `https://${host}`,
    to: 'http://127.0.0.1:8080',
    allow_public_unauthenticated_access: true,
    ...(modes[index] === undefined ? {} : { client_certificate_mode: modes[index] }),
  }));
  const text = JSON.stringify({ insecure_server: true, downstream_mtls: { ca_file: 'ca.pem', enforcement }, routes });
  return told({ text, files: { 'ca.pem': 'ca' } }).some(({ message }) => message.includes("can't be kept"));
}
