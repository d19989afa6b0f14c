import { certificateFacts } from './certificate/certificate-facts.ts';
import { parseCertificates } from './config/pem-certificates.ts';
import type { FigureName } from './observe/metric-table.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * How to read when the first certificate, client CA or revocation list in force ends, for `Metrics.figure`: in seconds since 1970,
 * undefined where there is none. The snapshot is asked for at each look.
 */
export function certificateEnds(
  snapshot: () => Pick<Snapshot, 'settings' | 'routeList'>,
): readonly (readonly [FigureName, () => number | undefined])[] {
  const trusts = () => new Set(snapshot().routeList.flatMap(({ trust }) => trust ?? []));
  return [
    ['server_certificate_expiry_timestamp_seconds', () => firstOf(serverEnds(snapshot()))],
    [
      'client_ca_expiry_timestamp_seconds',
      () => firstOf([...trusts()].flatMap(({ bundle }) => bundle.anchors.map(({ facts }) => facts.notAfter))),
    ],
    [
      'crl_next_update_timestamp_seconds',
      () => firstOf([...trusts()].flatMap(({ crls }) => crls?.lists.map((list) => list.nextUpdate) ?? [])),
    ],
  ];
}

/** Of whole chains: an intermediate that has ended keeps clients away just as the leaf does. */
function serverEnds({ settings }: Pick<Snapshot, 'settings'>): readonly number[] {
  return settings.certificates.flatMap(({ certificate }) =>
    // By our own reader: of a date that is malformed Node tells what was in its memory.
    (parseCertificates(certificate.text) ?? []).flatMap((each) => certificateFacts(each)?.notAfter ?? []),
  );
}

function firstOf(ends: readonly number[]): number | undefined {
  return ends.length === 0 ? undefined : Math.min(...ends) / 1000;
}
