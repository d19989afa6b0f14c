import { BlockList, isIP } from 'node:net';
import type { ClaimValue, Facts } from '../../src/policy/facts.ts';
import type { Json } from './mutate-json.ts';

/** How a request comes out. */
export type ReferenceDecision = 'allow' | 'deny' | 'sign-in';

/** What a criterion, a combination or a side came to: the reasons that the order of decision asks about, and none of the others. */
interface Value {
  readonly holds: boolean;
  readonly signIn: boolean;
  readonly certificate: boolean;
}

/** Thrown for a document that is beyond this evaluator: of another shape, or with a criterion that it does not know. */
class Beyond extends Error {}

/**
 * A second evaluator of policies, written from docs/policy.md and not from the first one: nothing is compiled, shared or remembered.
 * Undefined where the document holds something that it does not know; it knows no times and no fingerprints.
 */
export function decideSlowly(document: Json | undefined, facts: Facts): ReferenceDecision | undefined {
  try {
    const rules = document === undefined ? [] : Array.isArray(document) ? (document as readonly Json[]) : [document];
    const allow = side('allow', rules, facts);
    const deny = side('deny', rules, facts);
    if (deny.certificate) return 'deny';
    if (allow.signIn || deny.signIn) return 'sign-in';
    return allow.holds && !deny.holds ? 'allow' : 'deny';
  } catch (error) {
    if (error instanceof Beyond) return undefined;
    throw error;
  }
}

function side(action: 'allow' | 'deny', rules: readonly Json[], facts: Facts): Value {
  const bodies = rules.flatMap((rule) => {
    const entries = entriesOf(rule);
    if (entries.some(([key]) => !['allow', 'deny', 'action'].includes(key))) throw new Beyond();
    return entries.filter(([key]) => key === action).map(([, body]) => body);
  });
  return atLeastOne(bodies.flatMap((body) => entriesOf(body).flatMap(([operator, list]) => combination(operator, list, facts))));
}

function combination(operator: string, list: Json, facts: Facts): readonly Value[] {
  if (operator === 'action') return [];
  if (!Array.isArray(list)) throw new Beyond();
  const values = (list as readonly Json[]).map((criterion) => criterionOf(criterion, facts));
  if (values.length === 0) return [];
  const opposite = values.map((value) => ({ ...value, holds: !value.holds }));
  if (operator === 'and') return [all(values)];
  if (operator === 'or') return [atLeastOne(values)];
  if (operator === 'not') return [all(opposite)];
  if (operator === 'nor') return [atLeastOne(opposite)];
  throw new Beyond();
}

function all(values: readonly Value[]): Value {
  return unite(
    values,
    values.every(({ holds }) => holds),
  );
}

function atLeastOne(values: readonly Value[]): Value {
  return unite(
    values,
    values.some(({ holds }) => holds),
  );
}

/** What is true carries the reasons of its true parts, what is false those of its false parts. */
function unite(values: readonly Value[], holds: boolean): Value {
  const parts = values.filter((value) => value.holds === holds);
  return { holds, signIn: parts.some(({ signIn }) => signIn), certificate: parts.some(({ certificate }) => certificate) };
}

function plainly(holds: boolean): Value {
  return { holds, signIn: false, certificate: false };
}

function criterionOf(written: Json, facts: Facts): Value {
  const [[name, data] = ['', null], ...more] = entriesOf(written);
  if (more.length > 0) throw new Beyond();
  const { person, certificate } = facts;
  const ofPerson = (test: (someone: NonNullable<typeof person>) => boolean): Value =>
    person === undefined ? { holds: false, signIn: true, certificate: false } : plainly(test(person));
  if (name.startsWith('claim/') && name !== 'claim/') {
    const claim = name.slice('claim/'.length);
    return ofPerson(({ claims }) => matchesList(data, claims.get(claim) ?? claims.get(claim.split('/').join('.')) ?? []));
  }
  switch (name) {
    case 'accept':
      return plainly(true);
    case 'reject':
      return plainly(false);
    case 'mcp_tool':
      // No call of a tool is ever recognised.
      return plainly(operatorsOf(data).length === 0);
    case 'authenticated_user':
      return ofPerson(({ id }) => id !== '');
    case 'user':
      return ofPerson(({ id }) => matchesText(data, id) && id !== '');
    case 'email':
      return ofPerson(({ email = '' }) => matchesText(data, email) && email !== '');
    case 'domain':
      return ofPerson(({ email = '' }) => matchesText(data, email.split('@')[1] ?? '') && email.includes('@'));
    case 'groups':
      return ofPerson(({ claims }) => matchesList(data, claims.get('groups') ?? []));
    case 'http_method':
      return plainly(matchesText(data, facts.method));
    case 'http_path':
      return plainly(matchesText(data, facts.path));
    case 'cors_preflight':
      return plainly(facts.corsPreflight);
    case 'source_ip':
      return plainly(isInRanges(data, facts.sourceIp));
    case 'invalid_client_certificate': {
      const isBad = certificate.kind === 'none' || certificate.kind === 'invalid';
      return { holds: isBad, signIn: false, certificate: isBad };
    }
    case 'client_certificate': {
      const { accept_untrusted: untrusted = false, ...keys } = Object.fromEntries(entriesOf(data));
      if (typeof untrusted !== 'boolean' || Object.keys(keys).length === 0) throw new Beyond();
      const tests = Object.entries(keys).map(([key, matcher]) => {
        const values = valuesOf(key, certificate, untrusted);
        // Each operator may be satisfied by another value.
        return operatorsOf(matcher).map(([operator, operand]) => values.map((each) => textHolds(operator, operand, each)).some(Boolean));
      });
      return plainly(tests.flat().every(Boolean));
    }
    default:
      throw new Beyond();
  }
}

/** What a key of `client_certificate` is compared with. */
function valuesOf(key: string, certificate: Facts['certificate'], untrusted: boolean): readonly string[] {
  const isKnown = ['ca', 'san_dns', 'san_upn', 'common_name', 'organizational_unit', 'issuer'].includes(key);
  if (!isKnown) throw new Beyond();
  if (certificate.kind === 'none' || certificate.kind === 'no-authority') return [];
  if (certificate.kind === 'invalid' && (!untrusted || certificate.leaf === undefined)) return [];
  const { leaf } = certificate;
  switch (key) {
    case 'ca': {
      const keys = certificate.kind === 'valid' ? certificate.anchorKeys : [];
      return ['a', 'b', 'ab'].filter((name) => name.split('').some((letter) => keys.includes(`key-${letter}`)));
    }
    case 'san_dns':
      return leaf?.sanDns ?? [];
    case 'san_upn':
      return leaf?.sanUpn ?? [];
    case 'common_name':
      return leaf?.commonNames ?? [];
    case 'organizational_unit':
      return leaf?.organizationalUnits ?? [];
    default:
      return leaf === undefined ? [] : [leaf.issuer];
  }
}

function operatorsOf(matcher: Json): readonly (readonly [string, Json])[] {
  const operators = typeof matcher === 'string' ? ([['is', matcher]] as const) : entriesOf(matcher);
  if (operators.length === 0) throw new Beyond();
  return operators;
}

function matchesText(matcher: Json, value: string): boolean {
  return operatorsOf(matcher)
    .map(([operator, operand]) => textHolds(operator, operand, value))
    .every(Boolean);
}

function textHolds(operator: string, operand: Json, value: string): boolean {
  const many = Array.isArray(operand) ? (operand as readonly Json[]) : undefined;
  if (operator === 'in' || operator === 'not_in') {
    if (many === undefined || many.some((each) => typeof each !== 'string')) throw new Beyond();
    return many.includes(value) === (operator === 'in');
  }
  if (typeof operand !== 'string') throw new Beyond();
  if (operator === 'is') return value === operand;
  if (operator === 'not') return value !== operand;
  if (operator === 'contains') return value.split(operand).length > 1 || operand === '';
  if (operator === 'starts_with') return value.slice(0, operand.length) === operand;
  if (operator === 'ends_with') return operand === '' || value.slice(-operand.length) === operand;
  throw new Beyond();
}

function matchesList(matcher: Json, values: readonly ClaimValue[]): boolean {
  const isMap = typeof matcher === 'object' && matcher !== null && !Array.isArray(matcher);
  const operators = isMap ? Object.entries(matcher as Readonly<Record<string, Json>>) : [['has', matcher] as const];
  if (operators.length === 0) throw new Beyond();
  return operators
    .map(([operator, operand]) => {
      if (typeof operand === 'object' && operand !== null) throw new Beyond();
      const isThere = values.some((value) => value === operand);
      if (operator === 'has') return isThere;
      if (operator === 'is') return isThere && values.length === 1;
      if (operator === 'exclude') return !isThere;
      throw new Beyond();
    })
    .every(Boolean);
}

/** By Node's own list of addresses; what wraps IPv4 into IPv6 is beyond it. */
function isInRanges(data: Json, sourceIp: string): boolean {
  const ranges = Array.isArray(data) ? (data as readonly Json[]) : [data];
  // One for each family: to Node `::/0` holds every IPv4 address as well.
  const lists = new Map([4, 6].map((family) => [family, new BlockList()]));
  for (const range of ranges) {
    const [, address = '', length] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/.exec(typeof range === 'string' ? range : '') ?? [];
    const family = isIP(address);
    const bits = Number(length ?? (family === 4 ? 32 : 128));
    if (family === 0 || address.includes('ffff') || bits > (family === 4 ? 32 : 128) || /^0\d/.test(length ?? '')) throw new Beyond();
    lists.get(family)?.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  if (ranges.length === 0 || sourceIp.includes('ffff') || sourceIp.includes('%')) throw new Beyond();
  const family = isIP(sourceIp);
  return lists.get(family)?.check(sourceIp, family === 4 ? 'ipv4' : 'ipv6') ?? false;
}

function entriesOf(value: Json): readonly (readonly [string, Json])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Beyond();
  return Object.entries(value as Readonly<Record<string, Json>>);
}
