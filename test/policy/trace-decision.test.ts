import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decide, traceDecision } from '../../src/policy/decide.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { defaultDenial, facts, policy } from './arbitrary-policies.ts';
import { compiled, exampleFacts, examplePurpose, invalidCertificate, people, validCertificate } from './example-facts.ts';

function foundIn(written: object, given: Partial<Facts>): string | undefined {
  const [traced] = traceDecision(compiled({ allow: { and: [written] } }), { ...exampleFacts, ...given });
  assert.ok(traced);
  return traced.found;
}

describe('traceDecision()', () => {
  const place = ['routes', 0, 'policy'];

  it('tells every criterion by itself: its place, what it found, its value before any negation, and what became of it', () => {
    const traced = compiled([{ allow: { not: [{ email: 'bob@other.example' }] } }, { deny: { or: [{ http_path: '/' }] } }], {
      access: { allowedDomains: ['corp.example'] },
      defaultDeny: 'required',
    });
    const shorthand = { action: 'allow', operator: 'or', path: ['routes', 0], result: true, reasons: ['domain-ok'] };
    const not = { action: 'allow', operator: 'not', path: [...place, 0, 'allow', 'not'], result: true, reasons: ['email-unauthorized'] };
    const or = { action: 'deny', operator: 'or', path: [...place, 1, 'deny', 'or'], result: true, reasons: ['http-path-ok'] };
    const own = { action: 'deny', operator: 'or', path: undefined, result: false, reasons: ['valid-client-certificate'] };
    const domain = { criterion: 'domain', data: { is: 'corp.example' }, path: ['routes', 0, 'allowed_domains', 0], found: 'corp.example' };
    const email = { criterion: 'email', data: 'bob@other.example', path: [...not.path, 0, 'email'], found: 'alice@corp.example' };
    const path = { criterion: 'http_path', data: '/', path: [...or.path, 0, 'http_path'], found: '/' };
    const certificate = { criterion: 'invalid_client_certificate', data: true, path: undefined, found: 'no certificate is asked for' };
    assert.deepEqual(traceDecision(traced, { ...exampleFacts, person: people.alice }), [
      { ...shorthand, ...domain, decisive: true, combination: shorthand },
      { ...not, ...email, result: false, decisive: true, combination: not },
      { ...or, ...path, decisive: true, combination: or },
      { ...own, ...certificate, decisive: false, combination: own },
    ]);
  });

  it('calls a criterion decisive when its reason is among those of its side', () => {
    const document = {
      allow: { and: [{ http_method: 'GET' }, { http_path: '/x' }], or: [{ reject: 1 }, { source_ip: '192.0.2.1' }], nor: [{ accept: 1 }] },
      deny: { not: [{ http_path: '/' }, { http_path: '/x' }] },
    };
    assert.deepEqual(
      traceDecision(compiled(document), exampleFacts).map(({ criterion: name, decisive, combination }) => [
        name,
        decisive,
        combination.result,
      ]),
      [
        ['http_method', false, false],
        ['http_path', false, false],
        ['reject', false, true],
        ['source_ip', true, true],
        ['accept', false, false],
        ['http_path', true, false],
        ['http_path', false, false],
      ],
    );
  });

  it('is of one mind with the decision, whatever the facts, and finds one short printable line', () => {
    fc.assert(
      fc.property(policy, facts, defaultDenial, (document, given, defaultDeny) => {
        const traced = compiled(document, { defaultDeny });
        const decision = decide(traced, given, examplePurpose);
        const criteria = traceDecision(traced, given);
        for (const action of ['allow', 'deny'] as const) {
          const decisive = criteria.filter((each) => each.action === action && each.decisive);
          assert.deepEqual(new Set(decisive.flatMap(({ reasons }) => reasons)), new Set(decision[action].reasons));
        }
        for (const { found } of criteria) assert.ok(found === undefined || /^\P{C}{0,201}$/u.test(found), String(found));
      }),
      { numRuns: 500 },
    );
  });

  it('tells what each criterion looked at', () => {
    const { alice, robot } = people;
    const at = Date.parse('2026-11-21T23:30:00Z');
    const leaf = { sanDns: ['a.example', 'b.example'], fingerprint: 'ab'.repeat(32) };
    const saw: readonly (readonly [object, Partial<Facts>, string | undefined])[] = [
      [{ accept: 1 }, {}, undefined],
      [{ reject: 1 }, {}, undefined],
      [{ authenticated_user: 1 }, { person: alice }, 'alice-id'],
      [{ user: 'x' }, { person: alice }, 'alice-id'],
      [{ user: 'x' }, {}, undefined],
      [{ email: 'x' }, { person: alice }, 'alice@corp.example'],
      [{ email: 'x' }, { person: robot }, undefined],
      [{ domain: 'x' }, { person: alice }, 'corp.example'],
      [{ groups: 'x' }, { person: alice }, '"admins", "staff"'],
      [{ groups: 'x' }, { person: robot }, undefined],
      [{ 'claim/level': '5' }, { person: alice }, '5'],
      [{ 'claim/address/city': 'x' }, { person: alice }, '"Oslo"'],
      [{ http_method: 'x' }, {}, 'GET'],
      [{ http_path: 'x' }, { path: '/a' }, '/a'],
      [{ cors_preflight: 1 }, { method: 'OPTIONS', corsPreflight: true }, 'OPTIONS, a preflight'],
      [{ cors_preflight: 1 }, {}, 'GET, no preflight'],
      [{ mcp_tool: 'x' }, {}, undefined],
      [{ source_ip: '::1' }, {}, '192.0.2.1'],
      [{ date: { after: '2026-01-01' } }, { at }, '2026-11-21T23:30:00.000Z'],
      [{ day_of_week: 'mon' }, { at }, 'Sat 2026-11-21 23:30:00 UTC'],
      [{ day_of_week: { in: '*', timezone: 'Europe/Oslo' } }, { at }, 'Sun 2026-11-22 00:30:00 Europe/Oslo'],
      [{ time_of_day: { timezone: 'America/New_York', after: '9 AM' } }, { at }, 'Sat 2026-11-21 18:30:00 America/New_York'],
      [{ time_of_day: { timezone: 'UTC', after: '9 AM' } }, { at: Number.NaN }, undefined],
      [{ date: { after: '2026-01-01' } }, { at: Number.NaN }, undefined],
      [
        { client_certificate: { san_dns: 'x', fingerprint: '00'.repeat(32), san_uri: 'y' } },
        { certificate: validCertificate(leaf) },
        `san_dns: a.example, b.example; fingerprint: ${leaf.fingerprint}; san_uri: none`,
      ],
      [{ client_certificate: { san_dns: 'x' } }, { certificate: invalidCertificate(leaf) }, 'an invalid certificate: unknown-ca'],
      [{ invalid_client_certificate: 1 }, { certificate: { kind: 'none' } }, 'no certificate was presented'],
      [{ invalid_client_certificate: 1 }, { certificate: validCertificate() }, 'a valid certificate'],
    ];
    assert.deepEqual(
      saw.map(([written, given]) => [written, foundIn(written, given)]),
      saw.map(([written, , found]) => [written, found]),
    );
  });
});
