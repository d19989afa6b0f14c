/** A configuration as written: proven in shape only. The keys are the operator's, so they keep their spelling. */
export interface RawSettings {
  readonly address: string | readonly string[];
  readonly certificates?: readonly RawCertificate[] | undefined;
  readonly certificate?: string | undefined;
  readonly certificate_file?: string | undefined;
  readonly certificate_key?: string | undefined;
  readonly certificate_key_file?: string | undefined;
  readonly authenticate_service_url?: string | undefined;
  readonly idp_provider?: string | undefined;
  readonly idp_provider_url?: string | undefined;
  readonly idp_client_id?: string | undefined;
  readonly idp_client_secret?: string | undefined;
  readonly idp_client_secret_file?: string | undefined;
  readonly idp_scopes: readonly string[];
  readonly shared_secret?: string | undefined;
  readonly shared_secret_file?: string | undefined;
  readonly cookie_name: string;
  readonly cookie_secret?: string | undefined;
  readonly cookie_secret_file?: string | undefined;
  readonly cookie_domain?: string | undefined;
  readonly cookie_http_only: boolean;
  readonly cookie_expire: string;
  readonly cookie_same_site?: string | undefined;
  readonly signing_key?: string | undefined;
  readonly signing_key_file?: string | undefined;
  readonly jwt_claims_headers?: string | readonly string[] | Readonly<Record<string, string>> | undefined;
  readonly pass_identity_headers: boolean;
  readonly client_ca?: string | undefined;
  readonly client_ca_file?: string | undefined;
  readonly downstream_mtls: RawDownstreamMtls;
  readonly metrics_address?: string | undefined;
  readonly health_check_addr: string;
  readonly log_level: string;
  readonly state_directory?: string | undefined;
  readonly policy?: readonly RawRoute[] | null | undefined;
  readonly routes?: readonly RawRoute[] | null | undefined;
}

export interface RawCertificate {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface RawDownstreamMtls {
  readonly ca?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly enforcement: string;
  readonly max_verify_depth: number;
}

export interface RawRoute {
  readonly name?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | readonly string[] | undefined;
  readonly prefix?: string | undefined;
  readonly path?: string | undefined;
  readonly regex?: string | undefined;
  readonly policy?: unknown;
  readonly allow_public_unauthenticated_access: boolean;
  readonly allow_any_authenticated_user: boolean;
  readonly allowed_users?: readonly string[] | undefined;
  readonly allowed_domains?: readonly string[] | undefined;
  readonly tls_downstream_client_ca?: string | undefined;
  readonly tls_downstream_client_ca_file?: string | undefined;
  readonly pass_identity_headers?: boolean | undefined;
  readonly allow_websockets: boolean;
  readonly preserve_host_header: boolean;
  readonly set_request_headers?: Readonly<Record<string, string>> | undefined;
  readonly remove_request_headers?: readonly string[] | undefined;
  readonly timeout?: string | undefined;
}

/** One entry for every key of `Raw`, and none besides: a key that is in the types and not in a schema does not compile. */
export type Shape<Raw, Schema> = { readonly [Key in keyof Raw]-?: Schema };
