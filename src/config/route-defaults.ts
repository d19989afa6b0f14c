import type { BearerSettings } from './bearer-settings.ts';
import type { CertificateDefaults } from './certificate-defaults.ts';
import { readCertificateDefaults } from './certificate-defaults.ts';
import { issuerFormats } from './choices.ts';
import type { RawSettings } from './raw-settings.ts';
import { findChoice, readDuration } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { ResponseHeaders } from './response-headers.ts';
import { readResponseHeaders } from './response-headers.ts';
import { bearerDefaults } from './route-bearer.ts';
import type { ForwardedForSettings, JwtIssuerFormat } from './settings.ts';

/** What a route takes from the top level where it does not speak for itself. */
export interface RouteDefaults {
  readonly passIdentityHeaders: boolean;
  readonly jwtIssuerFormat: JwtIssuerFormat;
  readonly responseHeaders: ResponseHeaders;
  readonly bearer: BearerSettings;
  readonly certificates: CertificateDefaults;
  readonly timeoutMs: number;
  readonly forwardedFor: ForwardedForSettings;
}

const standardTimeoutMs = 30_000;

/** To be called once for a configuration, because it tells the problems of the keys that only routes read. */
export function readRouteDefaults(reading: Reading, raw: RawSettings): RouteDefaults {
  return {
    passIdentityHeaders: raw.pass_identity_headers,
    // Whoever reads the global setting complains of a word that is not known.
    jwtIssuerFormat: findChoice(['jwt_issuer_format'], { text: raw.jwt_issuer_format, words: issuerFormats }) ?? 'hostOnly',
    responseHeaders: readResponseHeaders(reading, raw),
    bearer: bearerDefaults(raw),
    certificates: readCertificateDefaults(reading, raw),
    timeoutMs: readDuration(reading, ['default_upstream_timeout'], raw.default_upstream_timeout) ?? standardTimeoutMs,
    forwardedFor: { append: !raw.skip_xff_append, trustedHops: raw.xff_num_trusted_hops },
  };
}
