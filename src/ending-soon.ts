import { trustsOf } from './certificate-status.ts';
import { certificateFacts } from './certificate/certificate-facts.ts';
import { noticeOfList } from './certificate/notice-of-list.ts';
import { parseCertificates } from './config/pem-certificates.ts';
import type { Snapshot } from './snapshot.ts';

/** Something in force that will be of no use any more before long, or is of none already. */
export interface Ending {
  readonly what: 'client CA' | 'revocation list' | 'server certificate';
  /** Subject, or issuer of the list, in RFC 4514. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

const dayMs = 86_400_000;
const authorityNoticeMs = 30 * dayMs;
const serverNoticeMs = 14 * dayMs;

/** Client CAs of which less than 30 days are left, server certificates with less than 14, and revocation lists near their next update. */
export function endingSoon(snapshot: Pick<Snapshot, 'settings' | 'routeList' | 'certificateHost'>, at: number): readonly Ending[] {
  const trusts = trustsOf(snapshot);
  const anchors = new Map(trusts.flatMap(({ bundle }) => bundle.anchors).map(({ sha256, facts }) => [sha256, facts]));
  const lists = new Set(trusts.flatMap(({ crls }) => crls?.lists ?? []));
  const endings: readonly (Ending & { readonly noticeMs: number })[] = [
    ...[...anchors.values()].map(({ subject, notAfter }) => ({
      what: 'client CA' as const,
      name: subject,
      endsAt: notAfter,
      noticeMs: authorityNoticeMs,
    })),
    ...[...lists].map((list) => ({
      what: 'revocation list' as const,
      name: list.issuer,
      endsAt: list.nextUpdate,
      noticeMs: noticeOfList(list),
    })),
    ...serverCertificates(snapshot),
  ];
  // A list that does not say when the next one is due has no end: `check` tells of it.
  return endings
    .filter(({ endsAt, noticeMs }) => endsAt !== Infinity && endsAt - at <= noticeMs)
    .map(({ what, name, endsAt }) => ({ what, name, endsAt }));
}

/** Whole chains: an intermediate that has ended keeps clients away just as the leaf does. */
function serverCertificates({ settings }: Pick<Snapshot, 'settings'>) {
  return settings.certificates
    .flatMap(({ certificate }) => parseCertificates(certificate.text) ?? [])
    .flatMap((certificate) => certificateFacts(certificate) ?? [])
    .map(({ subject, notAfter }) => ({ what: 'server certificate' as const, name: subject, endsAt: notAfter, noticeMs: serverNoticeMs }));
}
