import type { Anchor } from './ca-bundle.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { isCostlyKey } from './key-strength.ts';

/** From the leaf to an anchor, each signed by the next; the leaf alone where it is itself an anchor. */
export type CertificationPath = readonly CertificateFacts[];

export interface PathSearch {
  /** The paths found, nearest anchor first. Taking no more than needed saves the signature checks of the rest. */
  readonly paths: Iterable<CertificationPath>;
  /** After the last path: where the search ended without one. */
  stoppedAt(): SearchStop;
}

/** The certificate furthest from the leaf whose issuer was not found, or the limit that ended the search. */
export type SearchStop = { readonly kind: 'no-issuer'; readonly last: CertificateFacts } | { readonly kind: 'too-much-work' };

// A client may send what it likes, so the search is bounded: certificates looked at, signatures checked, paths begun.

/** How many of the certificates sent with a leaf are looked at, the first ones. */
export const maxChain: number = 16;
const maxSignatureChecks = 64;
const maxPartialPaths = 128;

/**
 * Searches breadth first through what was presented, in any order and with strangers among it, to any anchor. A name only
 * proposes an issuer; the signature decides, because two authorities may share one name (Keycloak #52801).
 */
export function searchPaths(leaf: CertificateFacts, chain: readonly CertificateFacts[], anchors: readonly Anchor[]): PathSearch {
  const presented = uniqueOthers(leaf, chain.slice(0, maxChain));
  const trusted = anchors.map(({ facts }) => facts);
  const signedBy = createSignatureCheck();
  let stop: SearchStop = { kind: 'no-issuer', last: leaf };

  function* search(): Generator<CertificationPath> {
    // No weaker than a leaf below it: whoever holds an anchor's key could have signed one. It must still be fit for a handshake.
    const itself = trusted.find(({ sha256 }) => sha256 === leaf.sha256);
    if (itself !== undefined) yield [itself];
    const begun: (readonly CertificateFacts[])[] = [[leaf]];
    for (const path of begun) {
      const last = path.at(-1) ?? leaf;
      for (const anchor of trusted) if (!isIn(path, anchor) && signedBy(last, anchor)) yield [...path, anchor];
      for (const issuer of presented) {
        if (isIn(path, issuer) || !signedBy(last, issuer)) continue;
        begun.push([...path, issuer]);
        stop = { kind: 'no-issuer', last: issuer };
      }
      if (begun.length > maxPartialPaths || signedBy.exhausted()) {
        stop = { kind: 'too-much-work' };
        return;
      }
    }
  }
  return { paths: search(), stoppedAt: () => stop };
}

function uniqueOthers(leaf: CertificateFacts, chain: readonly CertificateFacts[]): readonly CertificateFacts[] {
  const others = new Map(chain.map((facts) => [facts.sha256, facts]));
  others.delete(leaf.sha256);
  return [...others.values()];
}

function isIn(path: readonly CertificateFacts[], facts: CertificateFacts): boolean {
  return path.some(({ sha256 }) => sha256 === facts.sha256);
}

interface SignatureCheck {
  (subject: CertificateFacts, issuer: CertificateFacts): boolean;
  exhausted(): boolean;
}

function createSignatureCheck(): SignatureCheck {
  const answers = new Map<string, boolean>();
  function check(subject: CertificateFacts, issuer: CertificateFacts): boolean {
    if (subject.issuerCanonical !== issuer.subjectCanonical) return false;
    const pair = `${subject.sha256} ${issuer.sha256}`;
    const known = answers.get(pair);
    if (known !== undefined || answers.size >= maxSignatureChecks) return known ?? false;
    const answer = isSignedBy(subject, issuer);
    answers.set(pair, answer);
    return answer;
  }
  return Object.assign(check, { exhausted: () => answers.size >= maxSignatureChecks });
}

/** Whether the key of `issuer` made the signature of `subject`; names are not compared. */
export function isSignedBy(subject: CertificateFacts, issuer: CertificateFacts): boolean {
  if (issuer.publicKey === undefined || isCostlyKey(issuer.publicKey)) return false;
  try {
    return subject.certificate.verify(issuer.publicKey);
  } catch {
    // A key that can't check this kind of signature did not make it.
    return false;
  }
}
