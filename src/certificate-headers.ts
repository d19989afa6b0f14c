import { writeCertificateHeaders } from './certificate/headers/write-certificate-headers.ts';
import type { ValidCertificate } from './certificate/verdict.ts';
import type { HeaderList } from './http/header-list.ts';
import type { Trace } from './trace.ts';

/**
 * What the upstream of a route is told of the certificate, in the dialects that it reads; undefined when that is longer than a header may be.
 * Only one that was judged valid here is told of: on a route without CAs anybody may present anything.
 */
export function certificateHeaders(trace: Pick<Trace, 'route' | 'certificate' | 'visitor' | 'reasons'>): HeaderList | undefined {
  const { route, visitor } = trace;
  const passed = route?.settings.passClientCertificate ?? [];
  if (passed.length === 0) return none;
  const presented = visitor.connection.certificate;
  const shown = vouchedCertificate(trace) !== undefined && presented.kind === 'presented' ? presented : undefined;
  const written = writeCertificateHeaders(passed, shown);
  return 'tooLarge' in written ? undefined : written;
}

/** The certificate that an upstream is told of. A preflight is let through because it asks nothing in anybody's name, its holder's included. */
export function vouchedCertificate({ certificate, reasons }: Pick<Trace, 'certificate' | 'reasons'>): ValidCertificate | undefined {
  return certificate?.kind === 'valid' && !reasons.includes('cors-request') ? certificate : undefined;
}

const none: HeaderList = [];
