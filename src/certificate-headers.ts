import { writeCertificateHeaders } from './certificate/headers/write-certificate-headers.ts';
import type { HeaderList } from './http/header-list.ts';
import type { Trace } from './trace.ts';

/**
 * What the upstream of a route is told of the certificate, in the dialects that it reads; undefined when that is longer than a header may be.
 * Only one that was judged valid here is told of: on a route without CAs anybody may present anything.
 */
export function certificateHeaders({
  route,
  certificate,
  visitor,
}: Pick<Trace, 'route' | 'certificate' | 'visitor'>): HeaderList | undefined {
  const passed = route?.settings.passClientCertificate ?? [];
  if (passed.length === 0) return none;
  const presented = visitor.connection.certificate;
  const shown = certificate?.kind === 'valid' && presented.kind === 'presented' ? presented : undefined;
  const written = writeCertificateHeaders(passed, shown);
  return 'tooLarge' in written ? undefined : written;
}

const none: HeaderList = [];
