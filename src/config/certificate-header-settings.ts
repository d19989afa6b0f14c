/** How certificates are written in headers: the conventions of other proxies. */
export type CertificateDialect =
  | 'rfc9440'
  | 'xfcc'
  | 'nginx'
  | 'x_ssl_client'
  | 'x_client'
  | 'traefik'
  | 'aws_alb'
  | 'cloudflare'
  | 'apache'
  | 'haproxy';

/** One entry of `pass_client_certificate`. */
export interface PassedCertificate {
  readonly dialect: CertificateDialect;
  /** Whether the further certificates that were presented go along, where the dialect has a place for them. */
  readonly chain: boolean;
  /** Of any one header of the dialect, name and value. */
  readonly maxBytes: number;
}

export type AcceptedDialect = 'xfcc' | 'nginx' | 'traefik' | 'rfc9440';

/** One entry of `accept_client_certificate`: a proxy in front that says what was presented to it. */
export interface AcceptedCertificate {
  readonly dialect: AcceptedDialect;
  /** CIDR networks and addresses, as written; proven. */
  readonly from: readonly string[];
}
