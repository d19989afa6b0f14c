import type { CertificateVerdict, LeafFacts } from '../../src/certificate/verdict.ts';
import type { ClaimValue, Facts } from '../../src/policy/facts.ts';
import { exampleLeaf, validCertificate } from '../policy/example-facts.ts';
import type { Json } from './mutate-json.ts';
import type { Random } from './random.ts';

/** A policy and what it is asked about, as it is kept in a corpus. */
export interface PolicyQuestion {
  readonly policy: Json;
  readonly facts: Facts;
}

/** Undefined for what is no question. Facts that are missing, or of another type, are replaced: a decision is never asked about those. */
export function readPolicyQuestion(input: Buffer): PolicyQuestion | undefined {
  const read = parseJson(input.toString('utf8'));
  if (!isMap(read)) return undefined;
  const facts = isMap(read['facts']) ? read['facts'] : {};
  const { method, path, sourceIp, corsPreflight, at } = facts as Readonly<Record<string, Json | undefined>>;
  return {
    policy: read['policy'] ?? null,
    facts: {
      method: text(method, 'GET'),
      path: text(path, '/'),
      sourceIp: text(sourceIp, '192.0.2.1'),
      corsPreflight: corsPreflight === true,
      at: typeof at === 'number' ? at : 1_700_000_000_000,
      person: personOf(facts['person']),
      certificate: verdictOf(facts['certificate']),
    },
  };
}

// Few words, so that policies and facts often meet.
const words = ['', 'a', 'b', 'ab', '/', '/a', 'GET', 'a@b', 'a@b@a', '@', 'groups', '192.0.2.1', '__proto__', 'constructor', 'é', '\ud800'];
const operators = ['is', 'not', 'contains', 'starts_with', 'ends_with', 'in', 'not_in', 'has', 'exclude'];
const criteria = [
  'accept', 'reject', 'authenticated_user', 'user', 'email', 'domain', 'groups', 'claim/a/b', 'claim/groups', 'claim', 'claim/', 'http_method', 'http_path',
  'cors_preflight', 'mcp_tool', 'source_ip', 'date', 'day_of_week', 'time_of_day', 'client_certificate', 'invalid_client_certificate', 'device', 'nobody',
]; // prettier-ignore
const ranges = ['192.0.2.0/24', '::/0', '192.0.2.1', '10.0.0.0/8', '::ffff:0:0/96', '0.0.0.0/0', '1.2.3.4/33', 'x'];
const times: readonly Json[] = [
  { after: '2020-01-01' },
  { before: '2026-01-01', after: '2026-01-01' },
  '*',
  'mon,wed-fri',
  { in: 'fri-mon', timezone: 'Europe/Oslo' },
  { timezone: 'UTC', after: '22:00', before: '3 AM' },
  { timezone: 'Mars/Base' },
];

export function madePolicyQuestion(random: Random): Json {
  const rule = (): Json => Object.fromEntries(random.times(random.below(3), () => [random.pick(['allow', 'deny']), body(random)] as const));
  return { policy: random.oneIn(2) ? rule() : random.times(random.below(4), rule), facts: madeFacts(random) };
}

function body(random: Random): Json {
  const list = (): Json => random.times(random.below(5), () => madeCriterion(random));
  return Object.fromEntries(random.times(1 + random.below(2), () => [random.pick(['and', 'or', 'not', 'nor']), list()] as const));
}

/** Mostly with data that it takes: a document with one that does not is refused as a whole. */
function madeCriterion(random: Random): Json {
  if (random.oneIn(12)) return { [random.pick(criteria)]: operand(random) };
  const matcher = (): Json =>
    random.oneIn(2) ? random.pick(words) : { [random.pick(['is', 'not', 'contains', 'starts_with', 'ends_with'])]: random.pick(words) };
  const list = (): Json =>
    random.oneIn(2) ? random.pick(words) : { [random.pick(['is', 'has', 'exclude'])]: random.pick<Json>([...words, 5]) };
  const name = random.pick([
    'user',
    'email',
    'domain',
    'http_method',
    'http_path',
    'groups',
    'claim/a/b',
    'source_ip',
    'client_certificate',
    'accept',
    'reject',
    'authenticated_user',
    'cors_preflight',
    'invalid_client_certificate',
    'mcp_tool',
  ]);
  if (name === 'groups' || name === 'claim/a/b') return { [name]: list() };
  if (name === 'source_ip') return { [name]: random.pick(ranges.slice(0, 4)) };
  if (name !== 'client_certificate') return { [name]: matcher() };
  const key = random.pick(['san_dns', 'san_upn', 'common_name', 'organizational_unit', 'issuer', 'ca']);
  const tested = key === 'ca' ? random.pick<Json>(['a', 'b', 'ab', { not: 'a' }, { in: ['b', 'ab'] }]) : matcher();
  return { [name]: { [key]: tested, ...(random.oneIn(3) && { accept_untrusted: random.oneIn(2) }) } };
}

function operand(random: Random): Json {
  const kind = random.below(8);
  if (kind < 3) return random.pick(words);
  if (kind === 3)
    return { [random.pick(operators)]: random.oneIn(3) ? random.times(random.below(3), () => random.pick(words)) : random.pick(words) };
  if (kind === 4) return { [random.pick(operators)]: random.pick(words), [random.pick(operators)]: random.pick(words) };
  if (kind === 5) return random.oneIn(2) ? random.pick(ranges) : random.times(random.below(3), () => random.pick(ranges));
  return kind === 6 ? random.pick(times) : { san_dns: random.oneIn(2) ? random.pick(words) : { not: random.pick(words) } };
}

/** Something that may stand anywhere in a policy. */
export function madeLeaf(random: Random): Json {
  return random.oneIn(2)
    ? random.pick<Json>([...words, ...operators, ...criteria, ...ranges, 'allow', 'deny', 'and', 'or', 'not', 'nor', 0, 5, true, null])
    : operand(random);
}

function madeFacts(random: Random): Json {
  const claims = Object.fromEntries(
    random.times(
      random.below(3),
      () =>
        [
          random.pick(['groups', 'a.b', 'a/b', 'b']),
          random.times(random.below(3), () => random.pick<Json>([...words, 5, true, null])),
        ] as const,
    ),
  );
  return {
    method: random.pick(words),
    path: random.pick(words),
    sourceIp: random.pick(['192.0.2.1', '10.1.1.1', '::1', '::ffff:192.0.2.1', 'fe80::1%eth0', '', 'x']),
    corsPreflight: random.oneIn(2),
    at: random.pick([0, -1, 1e12, 1.7e12, 1.79e12, 8.64e15, 1e300, 0.5]),
    person: random.oneIn(3) ? null : { id: random.pick(words), email: random.oneIn(4) ? null : random.pick(words), claims },
    certificate: random.pick<Json>([
      'none',
      'no-authority',
      'invalid',
      [],
      ['a'],
      ['a', 'b'],
      { names: ['a'] },
      { names: ['b'], invalid: true },
    ]),
  };
}

function personOf(person: Json | undefined): Facts['person'] {
  if (person === undefined || !isMap(person)) return undefined;
  const claims = Object.entries(isMap(person['claims']) ? person['claims'] : {}).map(
    ([name, values]) => [name, Array.isArray(values) ? values.filter(isScalar) : []] as const,
  );
  const { email } = person;
  return { id: text(person['id'], 'alice'), email: typeof email === 'string' ? email : undefined, claims: new Map(claims) };
}

function verdictOf(written: Json | undefined): CertificateVerdict {
  if (written === 'none' || written === 'no-authority') return { kind: written };
  if (Array.isArray(written)) return validVerdict({ sanDns: textsIn(written) });
  // The names of such a leaf are of every kind, and its authorities have the same ones.
  const names = isMap(written) && Array.isArray(written['names']) ? textsIn(written['names']) : [];
  const leaf = { ...exampleLeaf, sanDns: names, sanUpn: names, commonNames: names, organizationalUnits: names };
  if (isMap(written) && written['invalid'] !== true) return validVerdict(leaf, names);
  return { kind: 'invalid', detail: 'unknown-ca', explanation: '', leaf: isMap(written) ? leaf : undefined };
}

function validVerdict(leaf: Partial<LeafFacts>, authorities: readonly string[] = []): CertificateVerdict {
  return validCertificate(
    leaf,
    authorities.map((name) => `key-${name}`),
  );
}

function textsIn(values: readonly Json[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}

function parseJson(written: string): Json | undefined {
  try {
    return JSON.parse(written) as Json;
  } catch {
    // A mutant that is no JSON asks nothing.
    return undefined;
  }
}

function text(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function isScalar(value: Json): value is ClaimValue {
  return typeof value !== 'object' || value === null;
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
