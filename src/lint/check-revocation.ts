import type { Anchor } from '../certificate/ca-bundle.ts';
import type { IssuedCrl } from '../certificate/crl-bundle.ts';
import type { NamedText } from '../config/settings.ts';
import type { Finding, LintSubject } from './finding.ts';

const dayMs = 86_400_000;

/** Revocation lists that end within thirty days, and authorities without one where others have one. Those that have ended are told by whoever reads them. */
export function checkRevocation({ settings: { downstreamMtls }, routes, at }: LintSubject): readonly Finding[] {
  const { crl } = downstreamMtls;
  const trusts = routes.flatMap(({ trust }) => trust ?? []);
  const lists = trusts.find(({ crls }) => crls !== undefined)?.crls?.lists;
  if (crl === undefined || lists === undefined) return [];
  const anchors = new Map(trusts.flatMap(({ bundle }) => bundle.anchors).map((anchor) => [anchor.sha256, anchor]));
  const covered = new Set(lists.map(({ authority }) => authority.spkiHash));
  return [
    ...lists.filter(({ nextUpdate }) => nextUpdate > at && nextUpdate - at <= 30 * dayMs).map((list) => endsSoon(list, crl, at)),
    ...[...anchors.values()].filter(({ facts }) => !covered.has(facts.spkiHash)).map((anchor) => withoutList(anchor, crl)),
  ];
}

function endsSoon({ issuer, nextUpdate }: IssuedCrl, { path }: NamedText, at: number): Finding {
  const days = Math.floor((nextUpdate - at) / dayMs);
  const when = new Date(nextUpdate).toISOString().slice(0, 10);
  return {
    code: 'crl-expires',
    path,
    message: `The revocation list of ${issuer} ends on ${when}, in ${days} ${days === 1 ? 'day' : 'days'}`,
  };
}

function withoutList({ facts }: Anchor, { path, label }: NamedText): Finding {
  return {
    code: 'authority-without-crl',
    path,
    message: `${label} holds no revocation list of ${facts.subject}: none of its certificates is ever revoked`,
  };
}
