import type { CertificationPath } from './certification-path.ts';
import { isSignedBy } from './certification-path.ts';
import type { CrlBundle, IssuedCrl } from './crl-bundle.ts';
import { issuerKey } from './crl-bundle.ts';

/**
 * The list of the leaf's direct issuer, found by key; undefined when there is none, and then nothing is revoked. Intermediates
 * are not looked up: whoever distrusts one takes its certificate out of the CA file.
 */
export function listFor(path: CertificationPath, crls: CrlBundle | undefined): IssuedCrl | undefined {
  const [leaf, issuer] = path;
  if (crls === undefined || leaf === undefined) return undefined;
  if (issuer !== undefined) return crls.lists.find(({ authority }) => issuerKey(authority) === issuerKey(issuer));
  // A leaf that is itself in the CA file has no issuer on its path, and its authority may have taken it back all the same.
  return crls.lists.find(({ authority }) => leaf.issuerCanonical === authority.subjectCanonical && isSignedBy(leaf, authority));
}

/** Why nothing can be said of the leaf, in one sentence: the list of its issuer is not in force at `at`. */
export function outOfForce(list: IssuedCrl | undefined, at: number): string | undefined {
  if (list === undefined || (at >= list.thisUpdate && at <= list.nextUpdate)) return undefined;
  const { issuer, thisUpdate, nextUpdate } = list;
  return at < thisUpdate
    ? `the revocation list of "${issuer}" does not count before ${new Date(thisUpdate).toISOString()}`
    : `the revocation list of "${issuer}" was due to be replaced at ${new Date(nextUpdate).toISOString()}`;
}

/** That the leaf is on the list, in one sentence. */
export function revokedBy(list: IssuedCrl | undefined, [leaf]: CertificationPath): string | undefined {
  if (list === undefined || leaf === undefined || !list.serials.has(leaf.serialKey)) return undefined;
  return `"${leaf.subject}" (serial number ${leaf.serial}) was revoked by "${list.issuer}"`;
}
