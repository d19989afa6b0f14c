import { readCaBundle } from '../certificate/ca-bundle.ts';
import type { CertificateTrust } from '../certificate/certificate-trust.ts';
import type { CertificateIdentitySettings, NamedAuthority } from '../config/certificate-identity-settings.ts';
import { writePath } from '../config/problem.ts';
import type { NamedText } from '../config/settings.ts';
import type { Finding, LintSubject, LintedRoute } from './finding.ts';

type Trusts = readonly CertificateTrust[];

/** Authorities that something is said of, and that are accepted nowhere where it counts: nothing that is said of them ever comes true. */
export function checkAuthorities(subject: LintSubject): readonly Finding[] {
  const { certificateIdentities, certificateLinks, certificateAuthorities } = subject.settings;
  const lists = [...new Set([certificateIdentities, ...subject.routes.map(({ settings }) => settings.certificateIdentities)])];
  const ofLinked = lists.filter((rules) => rules.some(({ from }) => from === 'linked')).flatMap((rules) => usersOf(rules, subject));
  return [
    ...lists.flatMap((rules) => rules.flatMap((rule) => tellRule(rule, usersOf(rules, subject), subject.at))),
    ...certificateLinks.flatMap(({ ca, path }) =>
      tell({ ca, what: `${writePath(path)} never finds a certificate`, accepting: 'a rule from: linked' }, ofLinked, subject.at),
    ),
    ...certificateAuthorities.flatMap((authority) => tellName(authority, subject)),
  ];
}

function tellRule({ name, ca }: CertificateIdentitySettings, trusts: Trusts, at: number): readonly Finding[] {
  return tell({ ca, what: `the rule ${JSON.stringify(name)} never maps anybody`, accepting: 'the rule' }, trusts, at);
}

function tellName({ name, file }: NamedAuthority, { routes, at }: LintSubject): readonly Finding[] {
  const trusts = routes.filter((route) => namesAuthority(route, name)).flatMap(({ trust }) => trust ?? []);
  return tell({ ca: file, what: `ca: ${JSON.stringify(name)} holds of no certificate`, accepting: 'that name in its policy' }, trusts, at);
}

/** By what certificates are judged wherever a list of rules is followed. */
function usersOf(rules: readonly CertificateIdentitySettings[], { settings, routes, certificateHostTrust }: LintSubject): Trusts {
  const ofRoutes = routes.filter(({ settings: route, mapper }) => mapper !== undefined && route.certificateIdentities === rules);
  return [...ofRoutes.map(({ trust }) => trust), rules === settings.certificateIdentities ? certificateHostTrust : undefined].filter(
    (trust) => trust !== undefined,
  );
}

interface Claim {
  readonly ca: NamedText | undefined;
  /** What never comes true. */
  readonly what: string;
  /** What the routes that count have. */
  readonly accepting: string;
}

/** A certificate leads to authorities of the CA file alone: by their keys, and never to an intermediate that was merely sent along. */
function tell({ ca, what, accepting }: Claim, trusts: Trusts, at: number): readonly Finding[] {
  if (ca === undefined || trusts.length === 0) return [];
  const read = readCaBundle(ca, at);
  const accepted = new Set(trusts.flatMap(({ bundle }) => bundle.anchors).map(({ facts }) => facts.spkiHash));
  if (!read.ok || read.bundle.anchors.some(({ facts }) => accepted.has(facts.spkiHash))) return [];
  const names = read.bundle.anchors.map(({ facts }) => `"${facts.subject}"`).join(', ');
  const message = `${writePath(ca.path)}: ${what}, because no route with ${accepting} has ${names} of ${ca.label} in its client CA file: add it there, or correct ${String(ca.path.at(-1))}; neither another CA of the same name counts, nor an intermediate that is only sent along`;
  return [{ code: 'unaccepted-authority', path: ca.path, message }];
}

/** Whether a `client_certificate` of the policy compares `ca` with the whole name. */
function namesAuthority({ policy }: LintedRoute, name: string): boolean {
  const criteria = policy.tree.flatMap((combination) => combination.criteria).filter((node) => node.name === 'client_certificate');
  return criteria.some(({ data }) => operandsOf(keyOf(data, 'ca')).includes(name));
}

function keyOf(data: unknown, key: string): unknown {
  return typeof data === 'object' && data !== null ? Object.entries(data).find(([name]) => name === key)?.[1] : undefined;
}

/** A text alone, those behind `is` and `not`, and the lists behind `in` and `not_in`. */
function operandsOf(matcher: unknown): readonly unknown[] {
  if (typeof matcher === 'string') return [matcher];
  return ['is', 'not', 'in', 'not_in'].flatMap((operator) => keyOf(matcher, operator));
}
