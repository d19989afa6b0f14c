import type { RevocationLookup } from '../certificate/revocation-lookup.ts';
import type { RevocationSettings } from '../config/revocation-settings.ts';

/** Revocation lists and OCSP answers fetched from the network, for as long as the program runs. */
export interface RevocationService extends AsyncDisposable {
  /** By these settings; what was fetched under equal ones is shared for as long as somebody holds what this gave. */
  lookup(settings: RevocationSettings): RevocationLookup;
  /** For `/status`: every source that was asked. Nothing secret is in it. */
  describe(): RevocationReport;
}

export interface RevocationReport {
  readonly ocsp: readonly OcspReport[];
  readonly crls: readonly FetchedCrlReport[];
}

export interface OcspReport {
  readonly url: string;
  /** ISO 8601; null for never. */
  readonly last_success: string | null;
  readonly last_error: string | null;
}

export interface FetchedCrlReport {
  readonly url: string;
  readonly issuer: string | null;
  readonly number: string | null;
  readonly this_update: string | null;
  readonly next_update: string | null;
  readonly entries: number | null;
  readonly error: string | null;
}
