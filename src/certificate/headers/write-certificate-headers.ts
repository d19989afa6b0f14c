import type { CertificateDialect, PassedCertificate } from '../../config/certificate-header-settings.ts';
import type { HeaderList } from '../../http/header-list.ts';
import { apache } from './apache.ts';
import { awsAlb } from './aws-alb.ts';
import { cloudflare } from './cloudflare.ts';
import { haproxy } from './haproxy.ts';
import type { HeaderDialect } from './header-dialect.ts';
import { nginx } from './nginx.ts';
import { rfc9440 } from './rfc9440.ts';
import type { ShownCertificate, WritableCertificate } from './shown-certificate.ts';
import { writableCertificate } from './shown-certificate.ts';
import { traefik } from './traefik.ts';
import { xClient } from './x-client.ts';
import { xSslClient } from './x-ssl-client.ts';
import { xfcc } from './xfcc.ts';

export type WrittenHeaders =
  | HeaderList
  /** The name of the first header that is longer than its entry allows. */
  | { readonly tooLarge: string };

/**
 * What an upstream is told of the certificate that was judged valid for its route; `shown` is undefined where there is none, or none that
 * is valid. All values are printable ASCII, whatever the certificate holds. Remembered per `shown` and `passed`, as objects.
 */
export function writeCertificateHeaders(passed: readonly PassedCertificate[], shown: ShownCertificate | undefined): WrittenHeaders {
  const key = shown ?? nothingShown;
  const memory = remembered.get(passed) ?? new WeakMap<object, WrittenHeaders>();
  const known = memory.get(key);
  if (known !== undefined) return known;
  const written = writeAll(passed, shown === undefined ? undefined : writableCertificate(shown));
  memory.set(key, written);
  remembered.set(passed, memory);
  return written;
}

// By connection and by route: both come and go, and take what was written for them along.
const remembered = new WeakMap<readonly PassedCertificate[], WeakMap<object, WrittenHeaders>>();
const nothingShown = {};

/** In the order in which they are written. */
const dialects: Readonly<Record<CertificateDialect, HeaderDialect>> = {
  rfc9440,
  xfcc,
  nginx,
  x_ssl_client: xSslClient,
  x_client: xClient,
  traefik,
  aws_alb: awsAlb,
  cloudflare,
  apache,
  haproxy,
};

function writeAll(passed: readonly PassedCertificate[], certificate: WritableCertificate | undefined): WrittenHeaders {
  const headers: string[] = [];
  for (const [name, dialect] of Object.entries(dialects)) {
    const entry = passed.find((candidate) => candidate.dialect === name);
    if (entry === undefined) continue;
    const written = certificate === undefined ? dialect.withoutCertificate : dialect.write(certificate, entry.chain);
    const tooLarge = longerThan(written, entry.maxBytes);
    if (tooLarge !== undefined) return { tooLarge };
    headers.push(...written);
  }
  return headers;
}

/** One character is one byte: all of it is ASCII. */
function longerThan(headers: HeaderList, maxBytes: number): string | undefined {
  return headers.find((name, index) => index % 2 === 0 && name.length + (headers[index + 1] ?? '').length > maxBytes);
}
