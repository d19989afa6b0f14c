/** What the top level says of certificates as identities, as written. */
export interface RawCertificateSettings {
  readonly certificate_identities?: readonly RawCertificateIdentity[] | undefined;
  readonly certificate_links?: readonly RawCertificateLink[] | undefined;
  readonly client_certificate_authorities?: readonly RawNamedAuthority[] | undefined;
  readonly accept_client_certificate?: RawAcceptedCertificate | readonly RawAcceptedCertificate[] | undefined;
  readonly certificate_sign_in_url?: string | undefined;
  readonly sign_in_methods: readonly string[];
  readonly bind_session_to_certificate?: boolean | string | undefined;
  readonly pass_client_certificate?: readonly (string | RawPassedCertificate)[] | undefined;
}

export interface RawRouteCertificateSettings {
  readonly authentication: string;
  readonly certificate_identities?: readonly RawCertificateIdentity[] | undefined;
  readonly anonymous_identity?: RawFixedIdentity | undefined;
  readonly default_identity?: RawFixedIdentity | undefined;
  readonly bind_session_to_certificate?: boolean | string | undefined;
  readonly pass_client_certificate?: readonly (string | RawPassedCertificate)[] | undefined;
  readonly client_certificate_mode?: string | undefined;
  readonly certificate_denied_status?: number | undefined;
  readonly client_certificate_revocation?: RawRevocation | undefined;
}

/** Further keys of `downstream_mtls`. */
export interface RawCertificateRules {
  readonly send_ca_names: boolean;
  readonly allow_partial_chain: boolean;
  readonly require_client_auth_eku: boolean;
  readonly certificate_denied_status: number;
  readonly revocation?: RawRevocation | undefined;
}

export interface RawCertificateIdentity {
  readonly name?: string | undefined;
  readonly ca?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly from?: string | undefined;
  readonly match?: string | undefined;
  readonly to?: string | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly same_users_as_provider?: boolean | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly groups_from?: string | undefined;
  readonly groups_match?: string | undefined;
  readonly allowed_groups?: readonly string[] | undefined;
  readonly name_from?: string | undefined;
}

export interface RawCertificateLink {
  readonly subject_name?: string | undefined;
  readonly ca?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly user?: string | undefined;
  readonly email?: string | undefined;
}

export interface RawNamedAuthority {
  readonly name?: string | undefined;
  readonly file?: string | undefined;
}

export interface RawAcceptedCertificate {
  readonly dialect?: string | undefined;
  readonly from?: readonly string[] | undefined;
}

export interface RawPassedCertificate {
  readonly dialect?: string | undefined;
  readonly chain?: boolean | undefined;
  readonly max_bytes: number;
}

export interface RawFixedIdentity {
  readonly user?: string | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}

export interface RawRevocation {
  readonly mode: string;
  readonly sources: readonly string[];
  readonly check: string;
  readonly stale: string | RawStaleGrace;
  readonly timeout: string;
  readonly cache_ttl: string;
  readonly allowed_hosts: readonly string[];
}

export interface RawStaleGrace {
  readonly grace?: string | undefined;
}
