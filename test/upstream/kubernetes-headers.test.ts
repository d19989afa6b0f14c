import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kubernetesHeaders } from '../../src/upstream/kubernetes-headers.ts';

describe('kubernetesHeaders()', () => {
  it('sends the token with the person it acts for', () => {
    assert.deepEqual(kubernetesHeaders('secret', { email: 'alice@corp.test', groups: ['dev', 'ops'] }), [
      'Authorization',
      'Bearer secret',
      'Impersonate-User',
      'alice@corp.test',
      'Impersonate-Group',
      'dev,ops',
    ]);
    assert.deepEqual(kubernetesHeaders('secret', { email: 'é@corp.test', groups: [] }), [
      'Authorization',
      'Bearer secret',
      'Impersonate-User',
      'Ã©@corp.test',
    ]);
  });

  it('keeps the token where there is nobody to act for: alone it is the service account', () => {
    const groups = ['system:masters'];
    assert.deepEqual(
      [
        undefined,
        { email: undefined, groups },
        { email: '', groups },
        { email: ' ', groups },
        { email: 'a@b\r\nImpersonate-User: root', groups },
        { email: ' a@b', groups },
      ].map((person) => kubernetesHeaders('secret', person)),
      Array.from({ length: 6 }, () => []),
    );
  });

  it('leaves out groups that would turn into others', () => {
    const groups = ['a,system:masters', 'b\n', 'c\0', ' d', '', 'e'];
    assert.deepEqual(kubernetesHeaders('secret', { email: 'alice@corp.test', groups }).slice(4), ['Impersonate-Group', 'e']);
    assert.deepEqual(kubernetesHeaders('secret', { email: 'alice@corp.test', groups: ['a,b'] }).length, 4);
  });
});
