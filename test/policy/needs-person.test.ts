import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsPerson } from '../../src/policy/needs-person.ts';
import { compiled } from './example-facts.ts';

describe('needsPerson()', () => {
  it('is true as soon as one criterion is about a person, on either side', () => {
    const policies = [
      { allow: { and: [{ authenticated_user: 1 }] } },
      { allow: { not: [{ user: 'x' }] } },
      { allow: { or: [{ accept: 1 }, { email: 'x' }] } },
      { allow: { or: [{ domain: 'x' }] } },
      { allow: { or: [{ groups: 'x' }] } },
      { allow: { or: [{ 'claim/x': 'x' }] } },
      [{ allow: { or: [{ accept: 1 }] } }, { deny: { nor: [{ email: 'x' }] } }],
    ];
    assert.deepEqual(
      policies.map((policy) => needsPerson(compiled(policy))),
      policies.map(() => true),
    );
    assert.ok(needsPerson(compiled(undefined, { access: { allowedUsers: ['x'] } })));
  });

  it('is false for a policy that asks for nothing but the request and its certificate', () => {
    const criteria = [{ accept: 1 }, { reject: 1 }, { http_method: 'GET' }, { http_path: '/' }, { source_ip: '10.0.0.1' }];
    const ofCertificate = [{ client_certificate: { san_dns: 'x' } }, { invalid_client_certificate: 1 }];
    const policy = { allow: { or: [...criteria, ...ofCertificate] } };
    assert.deepEqual(
      [policy, {}, undefined].map((each) => needsPerson(compiled(each, { defaultDeny: 'required' }))),
      [false, false, false],
    );
  });
});
