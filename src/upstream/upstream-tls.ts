/** How the TLS of an upstream is judged, and what is shown to it; every text was proven by whoever made this. */
export interface UpstreamTls {
  /** Nothing of the upstream's certificate is looked at; wins over everything else here. */
  readonly skipVerify: boolean;
  /** SNI and the name that the certificate must carry; undefined: the host of the URL. An IP literal is compared and never sent. */
  readonly serverName: string | undefined;
  readonly roots: TrustedRoots;
  /** PEM: what is presented to an upstream that asks for a certificate. */
  readonly client: { readonly certificatePem: string; readonly keyPem: string } | undefined;
}

/**
 * Whom a connection of our own trusts. Two words instead of a list that may be missing: to Node an undefined `ca` means the public
 * roots, and so does an empty string. Pools that share one of these objects share what it costs to load it.
 */
export type TrustedRoots =
  /** Node's roots, `NODE_EXTRA_CA_CERTS` included, and these; one certificate in PEM each. */
  | { readonly kind: 'public'; readonly further: readonly string[] }
  /** These and nobody else; at least one. */
  | { readonly kind: 'only'; readonly authorities: readonly string[] };

export const publicRoots: TrustedRoots = Object.freeze({ kind: 'public', further: [] });

/** What holds where a route says nothing. */
export const plainTls: UpstreamTls = Object.freeze({ skipVerify: false, serverName: undefined, roots: publicRoots, client: undefined });
