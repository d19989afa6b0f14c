import { createHash } from 'node:crypto';
import type { NamedText } from '../config/settings.ts';
import type { Anchor, CaBundle } from './ca-bundle.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { isSignedWith } from './crl-signature.ts';
import type { Crl, UnverifiedCrl } from './read-crl.ts';
import { readCrl } from './read-crl.ts';
import type { PemBlock } from './read-pem.ts';
import { readPem } from './read-pem.ts';

/** The revocation lists in force: one of each issuer. */
export interface CrlBundle {
  /** SHA-256 over the sorted fingerprints, lower hex: equal for equal lists. */
  readonly id: string;
  readonly lists: readonly IssuedCrl[];
}

export interface IssuedCrl extends Crl {
  /** The authority whose key signed the list. */
  readonly authority: CertificateFacts;
}

export type CrlBundleResult =
  | { readonly ok: true; readonly crls: CrlBundle; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * Reads revocation lists whole or not at all, and ties each to the authority among `bundles` whose key signed it. A list that is
 * out of date is used nevertheless, and told as a warning: the judge refuses every certificate of its issuer then, once its grace is over.
 * `at` in milliseconds since 1970; `graces`, in milliseconds, those of all who look at lists in files.
 */
export function readCrlBundle(text: NamedText, bundles: readonly CaBundle[], at: number, graces: readonly number[] = [0]): CrlBundleResult {
  const refuse = (problem: string): CrlBundleResult => ({
    ok: false,
    message: `Cannot use "${text.label}" as revocation list: ${problem}`,
  });
  const blocks = readPem(text.text);
  if (text.text.trim() === '') return refuse('it is empty, expected at least one PEM block "X509 CRL"');
  if (blocks.length === 0) return refuse('it holds no PEM block, expected at least one "X509 CRL"');

  const anchors = new Map(bundles.flatMap((bundle) => bundle.anchors).map((anchor) => [anchor.sha256, anchor]));
  const inForce = new Map<string, IssuedCrl>();
  const warnings: string[] = [];
  for (const [index, block] of blocks.entries()) {
    const read = readBlock(block, [...anchors.values()]);
    if (typeof read === 'string') return refuse(`block ${index + 1} of ${blocks.length} ${read}`);
    if (read.kind === 'stranger') warnings.push(`block ${index + 1} of ${blocks.length} ${read.notice}`);
    if (read.kind === 'stranger') continue;
    const { list } = read;
    const rival = inForce.get(issuerKey(list.authority));
    const newer = rival === undefined ? list : newerOf(list, rival);
    if (newer === undefined) return refuse(`two lists of "${list.issuer}" have the same number and date and differ: remove one of them`);
    if (rival !== undefined && rival.sha256 !== list.sha256)
      warnings.push(`${describe(newer === list ? rival : list)} is not used, because ${describe(newer)} replaces it`);
    inForce.set(issuerKey(list.authority), newer);
  }
  const lists = [...inForce.values()];
  warnings.push(...lists.flatMap((list) => outOfDate(list, graces, at)));
  const id = createHash('sha256').update(
    lists
      .map(({ sha256 }) => sha256)
      .toSorted()
      .join('\n'),
  );
  return {
    ok: true,
    crls: { id: id.digest('hex'), lists },
    warnings: warnings.map((warning) => `Revocation list "${text.label}": ${warning}`),
  };
}

/**
 * Why `next` can't follow the lists in force, in one sentence, or undefined: of an authority it holds an older list, with which
 * certificates that were revoked would be good again. Whoever takes a list away altogether means to.
 */
export function olderThanInForce(next: CrlBundle, inForce: readonly IssuedCrl[]): string | undefined {
  for (const current of inForce) {
    const list = next.lists.find(({ authority }) => issuerKey(authority) === issuerKey(current.authority));
    if (list === undefined || list.sha256 === current.sha256 || newerOf(list, current) !== current) continue;
    return `Cannot use ${describe(list)}: it is older than ${describe(current)}, which is in force, so write the newest list of that authority, or start Postern anew if its numbers begin again`;
  }
  return undefined;
}

/** Name and key: two authorities may share a name, and one key may serve two names. */
export function issuerKey({ subjectCanonical, spkiHash }: CertificateFacts): string {
  return `${spkiHash} ${subjectCanonical}`;
}

type BlockReading = { readonly kind: 'list'; readonly list: IssuedCrl } | { readonly kind: 'stranger'; readonly notice: string };

/** Why the block is of no use, continuing "block 1 of 2 …", or what it is. */
function readBlock({ label, der }: PemBlock, anchors: readonly Anchor[]): BlockReading | string {
  if (label.includes('PRIVATE KEY')) return 'is a private key, which does not belong here: write revocation lists only';
  if (der === undefined) return `("${label}") is damaged: expected "-----BEGIN X509 CRL-----", base64, and the matching END line`;
  if (label !== 'X509 CRL') return `is a "${label}", expected "X509 CRL"`;
  const read = readCrl(der);
  return typeof read === 'string' ? read : findIssuer(read, anchors);
}

/** A name only proposes an issuer; the key that verifies is the issuer (Keycloak #52801). */
function findIssuer({ crl, signed }: UnverifiedCrl, anchors: readonly Anchor[]): BlockReading | string {
  const namesakes = anchors.map(({ facts }) => facts).filter(({ subjectCanonical }) => subjectCanonical === crl.issuerCanonical);
  const signers = namesakes.filter(({ publicKey }) => publicKey !== undefined && isSignedWith(signed, publicKey));
  // The same key may be in several certificates: it is enough that one of them allows it.
  const authority = signers.find(({ keyUsage }) => keyUsage === undefined || keyUsage.crlSign);
  if (authority !== undefined) return { kind: 'list', list: { ...crl, authority } };
  if (signers.length > 0) return `is signed by "${crl.issuer}", which may not sign revocation lists (key usage without cRLSign)`;
  // A key that is named by its identifier and is nobody's here is a stranger of the same name; unnamed, it can only be a namesake's.
  const claimed = namesakes.filter(({ subjectKeyId }) => [undefined, subjectKeyId].includes(crl.issuerKeyId) || subjectKeyId === undefined);
  if (claimed.length > 0) return `claims to be of "${crl.issuer}" and was not signed by its key, or was changed since`;
  const notice = `is of "${crl.issuer}", whose key is in no CA file: it has no effect, add the certificate of that authority to the CA file if it should`;
  return { kind: 'stranger', notice };
}

/** The later of two lists of one issuer; undefined when there is no telling. */
function newerOf(left: IssuedCrl, right: IssuedCrl): IssuedCrl | undefined {
  if (left.sha256 === right.sha256) return right;
  const numbered = left.number !== undefined && right.number !== undefined && left.number !== right.number;
  if (numbered) return (left.number ?? 0n) > (right.number ?? 0n) ? left : right;
  if (left.thisUpdate === right.thisUpdate) return undefined;
  return left.thisUpdate > right.thisUpdate ? left : right;
}

function outOfDate(list: IssuedCrl, graces: readonly number[], at: number): readonly string[] {
  if (at > list.nextUpdate)
    return [`${describe(list)} was due to be replaced at ${isoTime(list.nextUpdate)}${untilNewer(list.nextUpdate, graces, at)}`];
  if (at < list.thisUpdate)
    return [`${describe(list)} does not count before ${isoTime(list.thisUpdate)}${graces.length === 0 ? '' : `: ${refusesAll}`}`];
  if (list.nextUpdate === Infinity)
    return [`${describe(list)} does not say when the next one is due, so that nobody notices when it is old`];
  return [];
}

const refusesAll = 'every certificate of that authority is refused until a newer list is written';

/** What its end means. Where lists in files are no source, one still revokes, and refuses nobody for being late. */
function untilNewer(nextUpdate: number, graces: readonly number[], at: number): string {
  if (graces.length === 0) return '';
  const ends = graces.map((grace) => nextUpdate + grace);
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  if (at > last) return `: ${refusesAll}`;
  if (at > first) return `: ${refusesAll}, except where stale has a longer grace, ${isoTime(last)} at the latest`;
  const others = first === last ? '' : ' where stale has the shortest grace';
  return `: its grace (stale) lets it count until ${isoTime(first)}${others}, and from then on ${refusesAll}`;
}

function describe({ issuer, number, thisUpdate }: Crl): string {
  return `the list ${number === undefined ? '' : `number ${number} `}of "${issuer}" of ${isoTime(thisUpdate)}`;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
