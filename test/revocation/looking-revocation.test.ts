import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookingRevocation } from '../../src/revocation/looking-revocation.ts';
import { makeAuthority, makeClient, questionOf, settingsOf } from './authority.ts';
import { openSourceServer } from './source-server.ts';

describe('lookingRevocation()', () => {
  it('asks nobody, and says why there is no answer', async () => {
    await using server = await openSourceServer(() => Buffer.alloc(0));
    const ca = await makeAuthority();
    const question = questionOf(await makeClient(ca, { ocsp: [server.url], lists: [server.url] }), ca);
    await using service = lookingRevocation('explain asks nobody');
    const lookup = service.lookup(settingsOf());
    await lookup.ask(question);
    for (const source of ['ocsp', 'crl_distribution_points'] as const)
      assert.deepEqual(lookup.statusOf(question, source, 0), { kind: 'unreachable', source, explanation: 'explain asks nobody' });
    assert.deepEqual([server.seen.length, service.describe()], [0, { ocsp: [], crls: [] }]);
  });
});
