import type { Anchor } from '../certificate/ca-bundle.ts';
import type { IssuedCrl } from '../certificate/crl-bundle.ts';
import { noticeOfList } from '../certificate/notice-of-list.ts';
import type { NamedText } from '../config/settings.ts';
import type { Finding, LintSubject } from './finding.ts';

const hourMs = 3_600_000;

/** Revocation lists near their end, and authorities without one where others have one. Those that have ended are told by whoever reads them. */
export function checkRevocation({ settings: { downstreamMtls }, routes, at }: LintSubject): readonly Finding[] {
  const { crl } = downstreamMtls;
  const trusts = routes.flatMap(({ trust }) => trust ?? []);
  const lists = trusts.find(({ crls }) => crls !== undefined)?.crls?.lists;
  if (crl === undefined || lists === undefined) return [];
  const anchors = new Map(trusts.flatMap(({ bundle }) => bundle.anchors).map((anchor) => [anchor.sha256, anchor]));
  const covered = new Set(lists.map(({ authority }) => authority.spkiHash));
  return [
    ...lists.filter((list) => list.nextUpdate >= at && list.nextUpdate - at <= noticeOfList(list)).map((list) => endsSoon(list, crl, at)),
    ...[...anchors.values()].filter(({ facts }) => !covered.has(facts.spkiHash)).map((anchor) => withoutList(anchor, crl)),
  ];
}

function endsSoon({ issuer, nextUpdate }: IssuedCrl, { path }: NamedText, at: number): Finding {
  const when = new Date(nextUpdate).toISOString().slice(0, 10);
  return { code: 'crl-expires', path, message: `The revocation list of ${issuer} ends on ${when}, in ${duration(nextUpdate - at)}` };
}

/** Whole days, or hours where there is less than one. */
function duration(ms: number): string {
  const hours = Math.floor(ms / hourMs);
  if (hours === 0) return 'less than an hour';
  const [count, unit] = hours < 24 ? [hours, 'hour'] : [Math.floor(hours / 24), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function withoutList({ facts }: Anchor, { path, label }: NamedText): Finding {
  return {
    code: 'authority-without-crl',
    path,
    message: `${label} holds no revocation list of ${facts.subject}: no list says which of its certificates were revoked`,
  };
}
