import type { ClaimHeader, JwtIssuerFormat } from '../config/settings.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Hostname } from '../http/hostname.ts';
import { writeAssertion } from './assertion.ts';
import { createBoundedMap } from './bounded-map.ts';
import { claimText } from './claim-text.ts';
import type { Person } from './person.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What an upstream is told about a person. */
export interface IdentityHeaders {
  assertionFor(person: Person, audience: Hostname, issuer: JwtIssuerFormat): string;
  headersFor(person: Person | undefined, audience: Hostname, issuer: JwtIssuerFormat): HeaderList;
}

export interface IdentityHeadersOptions {
  readonly signingKeys: SigningKeys;
  readonly claimHeaders: readonly ClaimHeader[];
  readonly now: () => number;
}

interface Signed {
  readonly assertion: string;
  readonly headers: HeaderList;
  readonly signedAt: number;
}

type ByIssuer = Map<string, Signed>;

// Of the five minutes an assertion lives, an upstream is sure to have three left.
const reuseMs = 120_000;
// Whoever is signed in could ask for endless host names under a wildcard.
const mostAudiences = 64;
// Of all people together: some 6,000 assertions of a kilobyte, beside each of which there are the claim headers.
const limitBytes = 10 * 2 ** 20;
const overheadBytes = 500;
// oxlint-disable-next-line no-control-regex -- control characters are what this expression looks for
const controls = /[\x00-\x1f\x7f]+/g;

const issuerText: Readonly<Record<JwtIssuerFormat, (audience: Hostname) => string>> = {
  hostOnly: (audience) => audience,
  uri: (audience) => `https://${audience}/`,
};

/** Signing costs more than all the rest of a request, so an assertion is made once per person and audience and used for two minutes. */
export function createIdentityHeaders({ signingKeys, claimHeaders, now }: IdentityHeadersOptions): IdentityHeaders {
  // By the person object: a refresh makes a new one, and nobody asks for assertions of the old one any more.
  const signed = new WeakMap<Person, ByIssuer>();
  // Every one of them is over in two minutes, so what was signed first goes first; being asked for again makes none younger.
  const inOrder = createBoundedMap<Signed, { readonly byIssuer: ByIssuer; readonly issuer: string; readonly bytes: number }>(
    limitBytes,
    ({ bytes }) => bytes,
    (_, { byIssuer, issuer }) => void byIssuer.delete(issuer),
  );

  return {
    assertionFor: (person, audience, issuer) => signedFor(person, audience, issuer).assertion,
    headersFor: (person, audience, issuer) => (person === undefined ? [] : signedFor(person, audience, issuer).headers),
  };

  function signedFor(person: Person, audience: Hostname, format: JwtIssuerFormat): Signed {
    const byIssuer: ByIssuer = signed.get(person) ?? new Map<string, Signed>();
    const issuer = issuerText[format](audience);
    const known = byIssuer.get(issuer);
    const at = now();
    if (known !== undefined && at >= known.signedAt && at - known.signedAt < reuseMs) return known;
    const assertion = writeAssertion(person, { signer: signingKeys.signer, issuer, audience, at, claimHeaders });
    const fresh: Signed = { assertion, headers: headersOf(person, assertion), signedAt: at };
    if (known === undefined && byIssuer.size >= mostAudiences) forget(byIssuer, [...byIssuer.keys()]);
    else forget(byIssuer, [issuer]);
    signed.set(person, byIssuer.set(issuer, fresh));
    inOrder.set(fresh, { byIssuer, issuer, bytes: overheadBytes + lengthOf(fresh.headers) });
    return fresh;
  }

  function forget(byIssuer: ByIssuer, issuers: readonly string[]): void {
    for (const issuer of issuers) {
      const known = byIssuer.get(issuer);
      if (known === undefined) continue;
      byIssuer.delete(issuer);
      inOrder.delete(known);
    }
  }

  function headersOf(person: Person, assertion: string): HeaderList {
    // A claim that the person has not is sent empty: absent, the upstream might believe one that came another way.
    const claims = claimHeaders.flatMap(({ header, claim }) => [header, fieldText(claimText(person, claim))]);
    return ['X-Pomerium-Jwt-Assertion', assertion, ...claims];
  }
}

function lengthOf(headers: HeaderList): number {
  return headers.reduce((sum, text) => sum + text.length, 0);
}

/** Text as a field value: UTF-8, one character per byte as Node writes headers; a line break in a claim must not begin a header. */
function fieldText(text: string): string {
  return Buffer.from(text.replace(controls, ' ').trim(), 'utf8').toString('latin1');
}
