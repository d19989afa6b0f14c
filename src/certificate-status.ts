import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { RevocationReport } from './revocation/revocation-service.ts';
import type { Snapshot } from './snapshot.ts';

/** What `/status` says of client certificates. Names and dates, nothing secret. */
export interface CertificateStatus {
  readonly authorities: readonly { readonly subject: string; readonly sha256: string; readonly not_after: string }[];
  readonly crls: readonly CrlStatus[];
  readonly ocsp: RevocationReport['ocsp'];
}

export interface CrlStatus {
  readonly issuer: string | null;
  /** Of a list that is fetched; null for those of files. */
  readonly url: string | null;
  readonly number: string | null;
  readonly this_update: string | null;
  readonly next_update: string | null;
  /** Since `this_update`; null where there is none. */
  readonly age_seconds: number | null;
  readonly entries: number | null;
  /** Why it is of no use now; null while it is. */
  readonly error: string | null;
}

/** Every CA, list and responder of the snapshot in force. `at` in milliseconds since 1970. */
export function certificateStatus(
  snapshot: Pick<Snapshot, 'routeList' | 'certificateHost'>,
  fetched: RevocationReport,
  at: number,
): CertificateStatus {
  const trusts = trustsOf(snapshot);
  const anchors = new Map(trusts.flatMap(({ bundle }) => bundle.anchors).map(({ sha256, facts }) => [sha256, facts]));
  const lists = new Set(trusts.flatMap(({ crls }) => crls?.lists ?? []));
  return {
    authorities: [...anchors].map(([sha256, { subject, notAfter }]) => ({ subject, sha256, not_after: isoTime(notAfter) ?? '' })),
    crls: [
      ...[...lists].map((list): CrlStatus => ({
        issuer: list.issuer,
        url: null,
        number: list.number?.toString() ?? null,
        this_update: isoTime(list.thisUpdate),
        next_update: isoTime(list.nextUpdate),
        age_seconds: Math.round((at - list.thisUpdate) / 1000),
        entries: list.serials.size,
        error: at > list.nextUpdate ? 'overdue' : at < list.thisUpdate ? 'not in force yet' : null,
      })),
      ...fetched.crls.map((list): CrlStatus => ({ ...list, age_seconds: ageOf(list.this_update, at) })),
    ],
    ocsp: fetched.ocsp,
  };
}

/** Everything that client certificates are judged by, each once. */
export function trustsOf({ routeList, certificateHost }: Pick<Snapshot, 'routeList' | 'certificateHost'>): readonly CertificateTrust[] {
  return [...new Set([...routeList.map(({ trust }) => trust), certificateHost?.trust].filter((trust) => trust !== undefined))];
}

function ageOf(thisUpdate: string | null, at: number): number | null {
  return thisUpdate === null ? null : Math.round((at - Date.parse(thisUpdate)) / 1000);
}

/** Null beyond what a date can hold: a list that says nothing of a next one has none. */
function isoTime(at: number): string | null {
  return Number.isFinite(at) ? new Date(at).toISOString() : null;
}
