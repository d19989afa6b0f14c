import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decide } from '../../src/policy/decide.ts';
import type { PolicyReach } from '../../src/policy/policy-reach.ts';
import { policyReach } from '../../src/policy/policy-reach.ts';
import { defaultDenial, facts, policy } from './arbitrary-policies.ts';
import { compiled, examplePurpose } from './example-facts.ts';

const everybody: PolicyReach = { allow: 'everybody', allowsWithoutPerson: true };
const nobody: PolicyReach = { allow: 'nobody', allowsWithoutPerson: false };
const peopleOnly: PolicyReach = { allow: 'some', allowsWithoutPerson: false };
const dependsOnRequest: PolicyReach = { allow: 'some', allowsWithoutPerson: 'unknown' };

function all(reach: PolicyReach, documents: readonly unknown[]): void {
  assert.deepEqual(
    documents.map((document) => [document, policyReach(compiled(document))]),
    documents.map((document) => [document, reach]),
  );
}

function allow(...criteria: readonly object[]): object {
  return { allow: { and: criteria } };
}

describe('policyReach()', () => {
  it('finds what everybody may', () => {
    all(everybody, [
      allow({ accept: 1 }),
      allow({ accept: 1 }, { day_of_week: '*' }),
      { allow: { not: [{ reject: 1 }, { mcp_tool: 'x' }] } },
      { allow: { nor: [{ reject: 1 }, { http_path: '/' }] } },
      { allow: { or: [{ accept: 1 }, { email: 'a@b' }] } },
      [allow({ accept: 1 }), allow({ http_path: '/x' })],
      { ...allow({ accept: 1 }), deny: { or: [{ reject: 1 }] } },
      { ...allow({ accept: 1 }), deny: { and: [{ http_path: '/a' }, { http_path: '/b' }] } },
    ]);
    assert.deepEqual(policyReach(compiled(undefined, { access: { publicAccess: true } })), everybody);
  });

  it('finds what nobody may, for want of a rule or because of constants', () => {
    all(nobody, [
      undefined,
      {},
      [],
      { allow: {} },
      { allow: { and: [], or: [] } },
      { deny: { or: [{ reject: 1 }] } },
      allow({ reject: 1 }),
      allow({ reject: 1 }, { email: 'a@b' }),
      { allow: { not: [{ accept: 1 }] } },
      { allow: { or: [{ reject: 1 }, { mcp_tool: { not: 'x' } }] } },
      { ...allow({ accept: 1 }), deny: { or: [{ accept: 1 }] } },
      { ...allow({ accept: 1 }), deny: { not: [{ reject: 1 }] } },
      { ...allow({ accept: 1 }), deny: { or: [{ day_of_week: 'sun-sat' }] } },
    ]);
  });

  it('finds criteria that exclude each other', () => {
    const oslo = 'Europe/Oslo';
    all(nobody, [
      allow({ email: 'a@x' }, { email: { is: 'b@x' } }),
      allow({ email: { is: 'a@x', not: 'a@x' } }),
      allow({ email: { in: ['a@x', 'b@x'] } }, { email: { ends_with: '@y' } }),
      allow({ email: { in: [] } }),
      allow({ email: 'a@x' }, { domain: 'y' }),
      allow({ domain: 'x' }, { domain: 'y' }),
      allow({ user: 'a' }, { groups: 'g' }, { user: { not_in: ['a', 'b'] } }),
      allow({ http_method: 'GET' }, { http_method: 'POST' }),
      allow({ http_path: '/a' }, { http_path: { starts_with: '/b' } }),
      allow({ source_ip: '10.0.0.0/8' }, { source_ip: ['192.168.0.0/16', '::/0'] }),
      allow({ date: { before: '2026-01-01' } }, { date: { after: '2026-06-01' } }),
      allow({ day_of_week: 'mon' }, { day_of_week: 'tue-sun' }),
      allow({ day_of_week: { in: 'mon', timezone: oslo } }, { day_of_week: { in: 'tue', timezone: oslo } }),
      allow({ time_of_day: { timezone: oslo, before: '09:00' } }, { time_of_day: { timezone: oslo, after: '17:00' } }),
      { allow: { or: [{ email: { in: [] } }, { reject: 1 }] } },
    ]);
  });

  it('does not find what may be, in the end', () => {
    const oslo = 'Europe/Oslo';
    all(peopleOnly, [
      allow({ authenticated_user: 1 }),
      allow({ email: 'a@x' }, { domain: 'x' }),
      allow({ email: { in: ['a@x', 'b@y'] } }, { email: { not: 'a@x' } }, { domain: 'y' }),
      allow({ user: 'a@x' }, { email: 'b@x' }),
      allow({ groups: 'a' }, { groups: 'b' }),
      { allow: { or: [{ email: 'a@x' }, { email: 'b@x' }] } },
      { allow: { not: [{ email: 'a@x' }, { email: 'b@x' }] } },
    ]);
    all(dependsOnRequest, [
      allow({ source_ip: '10.0.0.0/8' }, { source_ip: ['10.1.2.3/16', '::/0'] }),
      allow({ http_path: { starts_with: '/a' } }, { http_path: { starts_with: '/b' } }),
      allow({ date: { after: '2026-01-01' } }, { date: { before: '2027-01-01' } }, { date: { after: '2026-06-01' } }),
      allow({ day_of_week: 'mon-wed' }, { day_of_week: 'wed-fri' }),
      allow({ day_of_week: 'mon' }, { day_of_week: { in: 'tue', timezone: oslo } }),
      allow({ time_of_day: { timezone: oslo, after: '22:00', before: '06:00' } }, { time_of_day: { timezone: oslo, after: '05:00' } }),
    ]);
  });

  it('tells whether somebody has to sign in', () => {
    all(peopleOnly, [
      allow({ accept: 1 }, { email: 'a@x' }),
      { allow: { not: [{ email: 'a@x' }] } },
      { ...allow({ accept: 1 }), deny: { or: [{ email: 'a@x' }] } },
      { ...allow({ accept: 1 }), deny: { not: [{ email: 'a@x' }] } },
    ]);
    all(dependsOnRequest, [
      allow({ http_method: 'GET' }),
      allow({ client_certificate: { san_dns: 'a' } }),
      { allow: { or: [{ cors_preflight: 1 }, { authenticated_user: 1 }] } },
      { allow: { or: [{ http_path: '/public' }, { email: 'a@x' }] } },
      { ...allow({ accept: 1 }), deny: { or: [{ http_path: '/internal' }] } },
    ]);
    assert.deepEqual(policyReach(compiled(allow({ accept: 1 }), { defaultDeny: 'required' })), dependsOnRequest);
    assert.deepEqual(policyReach(compiled(undefined, { access: { allowedUsers: ['a'] } })), peopleOnly);
    assert.deepEqual(policyReach(compiled(undefined, { access: { publicAccess: true }, defaultDeny: 'required' })), dependsOnRequest);
  });

  it('claims nothing that some request refutes', () => {
    fc.assert(
      fc.property(policy, facts, defaultDenial, (document, given, defaultDeny) => {
        const judged = compiled(document, { defaultDeny });
        const reach = policyReach(judged);
        const { kind } = decide(judged, given, examplePurpose);
        const alone = decide(judged, { ...given, person: undefined }, examplePurpose).kind;
        if (reach.allow === 'nobody') assert.notEqual(kind, 'allow');
        if (reach.allow === 'everybody') assert.equal(kind, 'allow');
        if (reach.allowsWithoutPerson !== 'unknown') assert.equal(alone === 'allow', reach.allowsWithoutPerson);
      }),
      { numRuns: 1000 },
    );
  });
});
