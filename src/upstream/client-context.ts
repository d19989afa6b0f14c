import type { SecureContext, SecureContextOptions } from 'node:tls';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { TrustedRoots, UpstreamTls } from './upstream-tls.ts';

/**
 * The TLS context of a connection that we open, TLS 1.2 or 1.3. Throws a `RangeError` for an empty list of authorities, and what
 * OpenSSL says of a certificate and key that it refuses.
 */
export function clientContext({ roots, client }: Pick<UpstreamTls, 'roots' | 'client'>): SecureContext {
  if (client !== undefined) return createSecureContext({ ...trusting(roots), cert: client.certificatePem, key: client.keyPem });
  const known = contexts.get(roots);
  if (known !== undefined) return known;
  const made = createSecureContext(trusting(roots));
  contexts.set(roots, made);
  return made;
}

// To load the public roots by name takes 20 ms, which hundreds of routes would pay one by one.
const contexts = new WeakMap<TrustedRoots, SecureContext>();

const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;

function trusting(roots: TrustedRoots): SecureContextOptions {
  // An intermediate or a server's own certificate may be the anchor: what an operator wrote down is trusted, not only what signs itself.
  if (roots.kind === 'only') return { ...versions, ca: atLeastOne(roots.authorities), allowPartialTrustChain: true };
  if (roots.further.length === 0) return versions;
  return { ...versions, ca: [...getCACertificates('default'), ...roots.further], allowPartialTrustChain: true };
}

/** Fail closed: an empty list would be taken for the public roots, or for nobody, depending on who reads it. */
function atLeastOne(authorities: readonly string[]): string[] {
  if (authorities.length === 0 || authorities.some((pem) => pem.trim() === ''))
    throw new RangeError('Cannot trust an empty list of authorities');
  return [...authorities];
}
