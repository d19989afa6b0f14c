import type { CertificateVerdict, LeafFacts } from '../../src/certificate/verdict.ts';
import type { AccessSettings } from '../../src/config/settings.ts';
import type { CompiledPolicy, PolicyOptions } from '../../src/policy/compile-policy.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import type { Purpose } from '../../src/policy/decision.ts';
import type { Claims, ClaimValue, Facts, PersonFacts } from '../../src/policy/facts.ts';

export const noAccess: AccessSettings = {
  publicAccess: false,
  anyAuthenticatedUser: false,
  allowedUsers: [],
  allowedDomains: [],
  allowedClaims: [],
  corsPreflight: false,
  policy: undefined,
  policyPath: ['routes', 0, 'policy'],
};

export const examplePurpose: Purpose = { routeId: 'app', path: '/', query: '?x=1', validUntil: 1_800_000_000_000 };

export const exampleLeaf: LeafFacts = {
  fingerprint: 'f0'.repeat(32),
  spkiHash: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  subject: 'CN=alice',
  issuer: 'CN=corp',
  serial: '01',
  notAfter: 1_900_000_000_000,
  commonNames: ['alice'],
  organizations: [],
  organizationalUnits: [],
  subjectEmails: [],
  hasAlternativeNames: false,
  sanDns: [],
  sanEmail: [],
  sanUri: [],
  sanUpn: [],
  policyOids: [],
};

export const exampleFacts: Facts = {
  method: 'GET',
  path: '/',
  sourceIp: '192.0.2.1',
  corsPreflight: false,
  at: 1_700_000_000_000,
  person: undefined,
  certificate: { kind: 'no-authority' },
};

export const people: Readonly<Record<'alice' | 'bob' | 'robot', PersonFacts>> = {
  alice: {
    id: 'alice-id',
    email: 'alice@corp.example',
    claims: claims({
      groups: ['admins', 'staff'],
      department: ['sales'],
      level: [5],
      active: [true],
      'address.city': ['Oslo'],
      'corp.example/role': ['owner'],
    }),
  },
  bob: { id: 'bob-id', email: 'bob@other.example', claims: claims({ groups: ['staff'] }) },
  robot: { id: 'robot-id', email: undefined, claims: claims({}) },
};

export function claims(values: Readonly<Record<string, readonly ClaimValue[]>>): Claims {
  return new Map(Object.entries(values));
}

export function validCertificate(leaf: Partial<LeafFacts> = {}, anchorKeys: readonly string[] = []): CertificateVerdict {
  return {
    kind: 'valid',
    leaf: { ...exampleLeaf, ...leaf },
    anchorSha256: 'a0'.repeat(32),
    anchorKeys,
    validUntil: exampleLeaf.notAfter,
  };
}

export function invalidCertificate(leaf: Partial<LeafFacts> = {}): CertificateVerdict {
  return { kind: 'invalid', detail: 'unknown-ca', explanation: 'no CA of the route issued it', leaf: { ...exampleLeaf, ...leaf } };
}

/** `a` and `b` have a key each, `ab` has both. */
export const exampleAuthorities: ReadonlyMap<string, readonly string[]> = new Map([
  ['a', ['key-a']],
  ['b', ['key-b']],
  ['ab', ['key-a', 'key-b']],
]);

/** Fails the test when the policy has problems. */
export function compiled(
  policy: unknown,
  { access, ...options }: { readonly access?: object } & Partial<PolicyOptions> = {},
): CompiledPolicy {
  const compilation = compilePolicy(
    { ...noAccess, ...access, policy },
    { defaultDeny: false, authorities: exampleAuthorities, ...options },
  );
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.problems));
  return compilation.policy;
}
