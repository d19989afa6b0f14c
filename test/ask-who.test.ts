import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Asker, AskingRoute, WhoAsks } from '../src/ask-who.ts';
import { askWho } from '../src/ask-who.ts';
import type { CertificateMapping, MappedIdentity } from '../src/certificate/certificate-mapping.ts';
import type { CertificateVerdict, ValidCertificate } from '../src/certificate/verdict.ts';
import type { Authentication, SessionBindingMode } from '../src/config/certificate-identity-settings.ts';
import { fixedPerson } from '../src/identity/certificate-person.ts';
import type { SessionLookup } from '../src/identity/create-identity.ts';
import type { Person } from '../src/identity/person.ts';
import type { SessionBinding } from '../src/identity/session-cookie.ts';
import { validCertificate } from './policy/example-facts.ts';
import { inboundOf } from './upstream/example-request.ts';

const valid = validCertificate() as ValidCertificate;
const { leaf } = valid;
const none: CertificateVerdict = { kind: 'none' };
const invalid: CertificateVerdict = { kind: 'invalid', detail: 'revoked', explanation: 'revoked', leaf };

function somebody(id: string, email: string): Person {
  return { id, email, name: undefined, claims: new Map([['amr', ['pwd']]]), sessionId: `session of ${id}`, expiresAt: Infinity };
}

const alice = somebody('alice-id', 'alice@corp.example');
const bob = somebody('bob-id', 'bob@corp.example');

const asAlice: MappedIdentity = {
  rule: 'staff',
  user: 'certificate/staff/Alice@corp.example',
  email: 'Alice@corp.example',
  name: 'Alice',
  groups: ['staff'],
  sameBy: 'email',
};

interface Case {
  readonly authentication: Authentication;
  readonly verdict?: CertificateVerdict;
  readonly person?: Person;
  readonly mapping?: CertificateMapping;
  readonly bind?: SessionBindingMode;
  readonly binding?: SessionBinding;
  readonly fixed?: boolean;
}

const mapped: CertificateMapping = { kind: 'mapped', identity: asAlice };
const notMapped: CertificateMapping = { kind: 'not-mapped', detail: 'no-value', explanation: 'it has no e-mail address' };
const bearer = { format: 'default', audiences: [], issuers: undefined } as const;

function ask({ authentication, verdict = none, person, mapping, bind, binding, fixed }: Case): Asker {
  const session: SessionLookup = person === undefined ? { kind: 'nobody' } : { kind: 'person', person };
  const whoAsks: WhoAsks = { session: () => session, binding: () => binding, account: () => ({ kind: 'none' }) };
  const route: AskingRoute = {
    mapper: mapping === undefined ? undefined : { map: () => mapping },
    defaultPerson: fixed === true ? fixedPerson({ user: 'device', email: undefined, name: undefined, groups: [] }) : undefined,
    anonymousPerson: fixed === true ? fixedPerson({ user: 'anonymous', email: undefined, name: undefined, groups: [] }) : undefined,
    settings: { authentication, bindSession: bind, bearer },
  };
  return askWho(inboundOf(), route, verdict, whoAsks);
}

/** Who it is, how that was proven, and whether the certificate is part of it. */
function told(asked: Case): string {
  const asker = ask(asked);
  if (asker.kind === 'wait') return 'wait';
  if (asker.contradicts) return asker.person === undefined ? 'contradiction' : 'a contradiction that is somebody';
  const { person, isUnbound } = asker;
  if (person === undefined) return isUnbound ? 'nobody, unbound' : 'nobody';
  const proof = [person.amr?.join('+'), person.certificateThumbprint === undefined ? undefined : 'cnf'].filter(
    (part) => part !== undefined,
  );
  return [person.id, ...proof].join(' ');
}

describe('askWho()', () => {
  const held = { verdict: valid, mapping: mapped };
  const binding: SessionBinding = { fingerprint: leaf.fingerprint, spkiHash: leaf.spkiHash };
  const other: SessionBinding = { fingerprint: '00'.repeat(32), spkiHash: 'other' };
  const sameKey: SessionBinding = { fingerprint: '00'.repeat(32), spkiHash: leaf.spkiHash };
  const byStaff = 'certificate/staff/Alice@corp.example mtls cnf';
  const table: readonly (readonly [sentence: string, asked: Case, expected: string])[] = [
    ['session: the certificate says nothing', { authentication: 'session', ...held }, 'nobody'],
    ['session: whoever is signed in', { authentication: 'session', ...held, person: bob }, 'bob-id'],
    ['client_certificate: its holder', { authentication: 'client_certificate', ...held }, byStaff],
    [
      'client_certificate: no session counts',
      { authentication: 'client_certificate', verdict: valid, mapping: notMapped, person: bob },
      'nobody',
    ],
    ['client_certificate: none', { authentication: 'client_certificate', mapping: mapped }, 'nobody'],
    ['client_certificate: a bad one is nobody', { authentication: 'client_certificate', verdict: invalid, mapping: mapped }, 'nobody'],
    ['client_certificate: anonymous without', { authentication: 'client_certificate', mapping: mapped, fixed: true }, 'anonymous'],
    ['client_certificate: anonymous with a bad one', { authentication: 'client_certificate', verdict: invalid, fixed: true }, 'anonymous'],
    [
      'client_certificate: the default before anonymous',
      { authentication: 'client_certificate', verdict: valid, mapping: notMapped, fixed: true },
      'device mtls cnf',
    ],
    ['either: the certificate', { authentication: 'either', ...held }, byStaff],
    ['either: the session', { authentication: 'either', mapping: mapped, person: bob }, 'bob-id'],
    ['either: the session before what is made up', { authentication: 'either', person: bob, fixed: true }, 'bob-id'],
    ['either: both of one person', { authentication: 'either', ...held, person: alice }, 'alice-id'],
    ['either: of two people', { authentication: 'either', ...held, person: bob }, 'contradiction'],
    ['either: an unmapped one is as none', { authentication: 'either', verdict: valid, mapping: notMapped, person: bob }, 'bob-id'],
    ['both: of one person', { authentication: 'both', ...held, person: alice }, 'alice-id pwd+mtls cnf'],
    ['both: of two people', { authentication: 'both', ...held, person: bob }, 'contradiction'],
    ['both: the certificate alone', { authentication: 'both', ...held }, 'nobody'],
    ['both: the session alone', { authentication: 'both', person: alice, mapping: mapped }, 'nobody'],
    ['both: with one that stands for nobody', { authentication: 'both', verdict: valid, mapping: notMapped, person: alice }, 'nobody'],
    ['bound: over its certificate', { authentication: 'session', verdict: valid, person: bob, bind: 'certificate', binding }, 'bob-id cnf'],
    [
      'bound: over another',
      { authentication: 'session', verdict: valid, person: bob, bind: 'certificate', binding: other },
      'contradiction',
    ],
    ['bound: over none', { authentication: 'session', person: bob, bind: 'certificate', binding }, 'contradiction'],
    [
      'bound: over one that was revoked',
      { authentication: 'session', verdict: invalid, person: bob, bind: 'spki', binding },
      'contradiction',
    ],
    ['bound: made without', { authentication: 'session', verdict: valid, person: bob, bind: 'certificate' }, 'nobody, unbound'],
    ['bound by key: renewed', { authentication: 'session', verdict: valid, person: bob, bind: 'spki', binding: sameKey }, 'bob-id cnf'],
    ['bound by key: another', { authentication: 'session', verdict: valid, person: bob, bind: 'spki', binding: other }, 'contradiction'],
    [
      'not bound by key: renewed',
      { authentication: 'session', verdict: valid, person: bob, bind: 'certificate', binding: sameKey },
      'contradiction',
    ],
    ['bound by person: hers', { authentication: 'session', ...held, person: alice, bind: 'identity', binding: other }, 'alice-id cnf'],
    ['bound by person: of another', { authentication: 'session', ...held, person: bob, bind: 'identity', binding }, 'contradiction'],
    [
      'bound by person: of nobody',
      { authentication: 'session', verdict: valid, mapping: notMapped, person: bob, bind: 'identity', binding },
      'contradiction',
    ],
  ];
  for (const [sentence, asked, expected] of table) it(sentence, () => assert.equal(told(asked), expected));

  it('makes nobody of a certificate that is not enough by itself', () => {
    const holders = (['session', 'client_certificate', 'either', 'both'] as const).map((authentication) => {
      const asker = ask({ authentication, ...held, person: alice });
      return asker.kind === 'known' ? asker.byCertificate?.id : 'wait';
    });
    assert.deepEqual(holders, [undefined, asAlice.user, asAlice.user, undefined]);
  });

  it('compares addresses without the case of ASCII letters, and no others', () => {
    const kelvin = somebody('k-id', 'alice@\u212aorp.example');
    const corp: MappedIdentity = { ...asAlice, email: 'alice@korp.example' };
    const asked = { authentication: 'both', verdict: valid, mapping: { kind: 'mapped', identity: corp } } as const;
    assert.equal(told({ ...asked, person: somebody('k-id', 'ALICE@KORP.example') }), 'k-id pwd+mtls cnf');
    assert.equal(told({ ...asked, person: kelvin }), 'contradiction');
  });

  it('takes an identity that nothing can be compared with for somebody else', () => {
    const device: CertificateMapping = { kind: 'mapped', identity: { ...asAlice, sameBy: undefined } };
    assert.equal(told({ authentication: 'either', verdict: valid, mapping: device, person: alice }), 'contradiction');
  });

  it('makes one person of one certificate, so that an assertion is signed once', () => {
    const people = [ask({ authentication: 'client_certificate', ...held }), ask({ authentication: 'client_certificate', ...held })];
    const [one, two] = people.map((asker) => (asker.kind === 'known' ? asker.person : undefined));
    assert.ok(one !== undefined && one === two);
  });

  it('waits for session and account at once', async () => {
    const until = Promise.resolve();
    const loading: CertificateMapping = { kind: 'loading', until };
    assert.deepEqual(ask({ authentication: 'client_certificate', verdict: valid, mapping: loading }), { kind: 'wait', until });
  });
});
