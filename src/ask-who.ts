import type { AccountLookup, CertificateMapping, MappedIdentity } from './certificate/certificate-mapping.ts';
import type { CertificateVerdict, ValidCertificate } from './certificate/verdict.ts';
import type { BearerSettings } from './config/bearer-settings.ts';
import type { Inbound } from './http/inbound.ts';
import { defaultHolder, holderOf, personOfCertificate, provenTwice } from './identity/certificate-person.ts';
import type { Identity, SessionLookup } from './identity/create-identity.ts';
import type { Person } from './identity/person.ts';
import type { SessionBinding } from './identity/session-cookie.ts';
import type { Route } from './snapshot.ts';

/** What is known of people from elsewhere. Synchronous; what has to be read first says so. */
export interface WhoAsks {
  /** `bearer` says which bearer tokens count where the request goes. */
  session(inbound: Inbound, bearer: BearerSettings): SessionLookup;
  /** The certificate that this person's session was given out over, by the cookie of the request; undefined for whoever came by a token. */
  binding(inbound: Inbound, person: Person): SessionBinding | undefined;
  /** The account that a certificate was linked to. */
  account(fingerprint: string): AccountLookup;
}

/** As the sessions and links of one configuration know them. */
export function acquaintances(identity: Pick<Identity, 'loadSession' | 'bindingOf' | 'accountOf'>): WhoAsks {
  const known = remembered.get(identity);
  if (known !== undefined) return known;
  const made: WhoAsks = {
    session: (inbound, bearer) => identity.loadSession(inbound, bearer),
    binding: (inbound, person) => identity.bindingOf(inbound, person),
    account: (fingerprint) => identity.accountOf(fingerprint),
  };
  remembered.set(identity, made);
  return made;
}

const remembered = new WeakMap<object, WhoAsks>();

/** Who asks, as a route wants it told: by session, by certificate, by either or by both. */
export type Asker =
  | { readonly kind: 'wait'; readonly until: Promise<unknown> }
  | {
      readonly kind: 'known';
      /** Undefined: nobody. */
      readonly person: Person | undefined;
      /** Whom the certificate alone makes of the request, where it can. */
      readonly byCertificate: Person | undefined;
      /** Whom the session alone makes of it. */
      readonly session: SessionLookup;
      /** What the rules make of a valid certificate; undefined where the route does not look. */
      readonly mapping: CertificateMapping | undefined;
      /** There is a session, made without the certificate that it would have to be bound to: it does not count here. */
      readonly isUnbound: boolean;
      /** Session and certificate are of different people, or the session is bound to another certificate. */
      readonly contradicts: boolean;
    };

export type KnownAsker = Extract<Asker, { kind: 'known' }>;

const nobody: SessionLookup = Object.freeze({ kind: 'nobody' });

/** What of a route says who asks. */
export type AskingRoute = Pick<Route, 'mapper' | 'defaultPerson' | 'anonymousPerson'> & {
  readonly settings: Pick<Route['settings'], 'authentication' | 'bindSession' | 'bearer'>;
};

/** Everything that has to be read is asked for at once, so that one wait is for all of it. */
export function askWho(inbound: Inbound, route: AskingRoute, verdict: CertificateVerdict | undefined, whoAsks: WhoAsks): Asker {
  const { authentication, bindSession, bearer } = route.settings;
  const valid = verdict?.kind === 'valid' ? verdict : undefined;
  const session = authentication === 'client_certificate' ? nobody : whoAsks.session(inbound, bearer);
  const mapping = valid === undefined ? undefined : route.mapper?.map(valid, (fingerprint) => whoAsks.account(fingerprint));
  if (mapping?.kind === 'loading')
    return { kind: 'wait', until: session.kind === 'loading' ? Promise.all([session.until, mapping.until]) : mapping.until };
  if (session.kind === 'loading') return { kind: 'wait', until: session.until };

  const identity = mapping?.kind === 'mapped' ? mapping.identity : undefined;
  // Where both are wanted, the certificate alone is nobody.
  const holder = authentication === 'session' || authentication === 'both' ? undefined : holderByCertificate(route, valid, identity);
  const known = { kind: 'known', byCertificate: holder, session, mapping, isUnbound: false, contradicts: false } as const;
  if (session.kind !== 'person') return { ...known, person: holder };
  const { person } = session;

  const binding = bindSession === undefined ? undefined : whoAsks.binding(inbound, person);
  if (bindSession !== undefined && binding === undefined) return { ...known, session: nobody, person: holder, isUnbound: true };
  const isBound = binding === undefined || holdsBinding(bindSession, { binding, valid, identity, person });
  const isOther = (authentication === 'both' || authentication === 'either') && identity !== undefined && !isSame(person, identity);
  if (!isBound || isOther) return { ...known, person: undefined, contradicts: true };
  return { ...known, person: personOfBoth(route, { person, valid, identity }) };
}

/** `default_identity` before `anonymous_identity`: it says more. */
function holderByCertificate(
  { defaultPerson, anonymousPerson }: AskingRoute,
  valid: ValidCertificate | undefined,
  identity: MappedIdentity | undefined,
): Person | undefined {
  if (valid !== undefined && identity !== undefined) return personOfCertificate(identity, valid);
  return valid !== undefined && defaultPerson !== undefined ? defaultHolder(defaultPerson, valid) : anonymousPerson;
}

interface Both {
  readonly person: Person;
  readonly valid: ValidCertificate | undefined;
  readonly identity: MappedIdentity | undefined;
}

/** Somebody with a session, and no contradiction: what more the certificate says of them. */
function personOfBoth({ settings: { authentication, bindSession } }: AskingRoute, { person, valid, identity }: Both): Person | undefined {
  // The session alone is not enough there, and what is missing is no sign-in: the walk says which.
  if (authentication === 'both') return valid === undefined || identity === undefined ? undefined : provenTwice(person, valid);
  return valid === undefined || bindSession === undefined ? person : holderOf(person, valid);
}

/** A certificate that is not valid any more holds nothing: whoever stole its key may be showing it. */
function holdsBinding(
  mode: Route['settings']['bindSession'],
  { binding, person, valid, identity }: Both & { readonly binding: SessionBinding },
): boolean {
  switch (mode) {
    case undefined:
      return true;
    case 'certificate':
      return valid?.leaf.fingerprint === binding.fingerprint;
    case 'spki':
      return valid?.leaf.spkiHash === binding.spkiHash;
    case 'identity':
      return identity !== undefined && isSame(person, identity);
  }
}

/** Addresses without regard to the case of ASCII letters, as mail systems treat them. */
function isSame(person: Person, { user, email, sameBy }: MappedIdentity): boolean {
  // Somebody who signed in with this certificate, or with another of the same rule and value.
  if (person.id === user) return true;
  return sameBy === 'email' && email !== undefined && person.email !== undefined && folded(person.email) === folded(email);
}

/** Of ASCII alone: other letters fold into these (a Kelvin sign into a k), and one of two such addresses is somebody else's. */
function folded(address: string): string {
  return address.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
