import * as fc from 'fast-check';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import type { DefaultDeny } from '../../src/policy/parse-shorthand.ts';
import type { ClaimValue, Facts, PersonFacts } from '../../src/policy/facts.ts';
import { invalidCertificate, validCertificate } from './example-facts.ts';

// Few words, so that matchers and facts often meet; and now and then anything at all.
const word = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('', 'a', 'b', 'ab', '/', '/a', 'GET', 'a@b', 'a@b@a') }, fc.string());
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('192.0.2.1', '::ffff:192.0.2.1', 'fe80::1%eth0', ''), fc.string());
const scalar: fc.Arbitrary<ClaimValue> = fc.oneof(word, fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constant(null));

const stringMatcher = fc.oneof(
  word,
  fc.record({ is: word }),
  fc.record({ not: word }),
  fc.record({ contains: word, starts_with: word }),
  fc.record({ ends_with: word }),
  fc.record({ in: fc.array(word, { maxLength: 3 }) }),
  fc.record({ not_in: fc.array(word, { maxLength: 3 }) }),
);
const listMatcher = fc.oneof(scalar, fc.record({ has: scalar }), fc.record({ is: scalar }), fc.record({ exclude: scalar }));

const zone = fc.constantFrom('UTC', 'Europe/Oslo', 'Australia/Lord_Howe');
const days = fc.constantFrom('*', 'mon', 'mon,wed', 'fri-mon', 'tuesday-sat');

const timeCriterion: fc.Arbitrary<object> = fc.oneof(
  fc.record({ date: fc.constantFrom({ after: '2026-01-01' }, { before: '2026-01-01' }, { after: '2020-02-02', before: '2030-03-03' }) }),
  fc.record({ day_of_week: days }),
  fc.record({ day_of_week: fc.record({ in: days, timezone: zone }) }),
  fc.record({ time_of_day: fc.record({ timezone: zone, after: fc.constantFrom('2 AM', '17:30') }) }),
  fc.record({ time_of_day: fc.record({ timezone: zone, after: fc.constantFrom('2 AM', '22:00'), before: fc.constant('03:00') }) }),
);

/** Criteria that look at the request alone. */
export const requestCriterion: fc.Arbitrary<object> = fc.oneof(
  fc.record({ accept: fc.constant(true) }),
  fc.record({ reject: fc.constant(true) }),
  fc.record({ http_method: stringMatcher }),
  fc.record({ http_path: stringMatcher }),
  fc.record({ source_ip: fc.constantFrom('192.0.2.0/24', '::/0', '192.0.2.1/32', ['10.0.0.1', '::ffff:0:0/96']) }),
  fc.record({ cors_preflight: fc.anything() }),
  fc.record({ mcp_tool: stringMatcher }),
  timeCriterion,
);

// At least one key beside `accept_untrusted`, which may not stand alone.
const certificateMatcher = fc
  .tuple(
    fc.oneof(
      fc.record({ san_dns: stringMatcher }),
      fc.record({ san_upn: stringMatcher }),
      fc.record({ common_name: stringMatcher, organizational_unit: stringMatcher }, { requiredKeys: ['common_name'] }),
      fc.record({ ca: fc.constantFrom('a', { not: 'b' }, { in: ['a', 'ab'] }, { contains: 'b' }) }),
    ),
    fc.record({ accept_untrusted: fc.boolean() }, { requiredKeys: [] }),
  )
  .map(([keys, trust]) => ({ ...keys, ...trust }));

export const criterion: fc.Arbitrary<object> = fc.oneof(
  requestCriterion,
  fc.record({ authenticated_user: fc.anything() }),
  fc.record({ user: stringMatcher }),
  fc.record({ email: stringMatcher }),
  fc.record({ domain: stringMatcher }),
  fc.record({ groups: listMatcher }),
  fc.record({ 'claim/a/b': listMatcher }),
  fc.record({ client_certificate: certificateMatcher }),
  fc.record({ invalid_client_certificate: fc.anything() }),
);

export const defaultDenial: fc.Arbitrary<DefaultDeny> = fc.constantFrom<DefaultDeny>(false, 'required', 'optional');

export function bodyOf(arbitrary: fc.Arbitrary<object>): fc.Arbitrary<object> {
  const list = fc.array(arbitrary, { maxLength: 3 });
  return fc.record({ and: list, or: list, not: list, nor: list }, { requiredKeys: [] });
}

export const rule: fc.Arbitrary<object> = fc.record({ allow: bodyOf(criterion), deny: bodyOf(criterion) }, { requiredKeys: [] });
export const policy: fc.Arbitrary<object> = fc.oneof(rule, fc.array(rule, { maxLength: 3 }));

export const personFacts: fc.Arbitrary<PersonFacts> = fc.record({
  id: word,
  email: fc.option(word, { nil: undefined }),
  claims: fc
    .array(fc.tuple(fc.constantFrom('groups', 'a.b', 'a/b', 'other'), fc.array(scalar, { maxLength: 3 })), { maxLength: 3 })
    .map((entries) => new Map(entries)),
});

const words = fc.array(word, { maxLength: 2 });
const leaf = fc.record({ sanDns: words, sanUpn: words, commonNames: words, organizationalUnits: words });

const verdict: fc.Arbitrary<CertificateVerdict> = fc.oneof(
  leaf.map(invalidCertificate),
  fc.constantFrom<CertificateVerdict>(
    { kind: 'none' },
    { kind: 'no-authority' },
    {
      kind: 'invalid',
      detail: 'unreadable',
      explanation: '',
      leaf: undefined,
    },
  ),
  fc.tuple(leaf, fc.subarray(['key-a', 'key-b'])).map(([names, keys]) => validCertificate(names, keys)),
);

export const facts: fc.Arbitrary<Facts> = fc.record({
  method: word,
  path: word,
  sourceIp: address,
  corsPreflight: fc.boolean(),
  at: fc.oneof(fc.integer({ min: Date.UTC(2019, 0), max: Date.UTC(2033, 0) }), fc.double()),
  person: fc.option(personFacts, { nil: undefined }),
  certificate: verdict,
});
