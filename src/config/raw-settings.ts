import type { RawCertificateRules, RawCertificateSettings, RawRouteCertificateSettings } from './raw-certificate-settings.ts';
import type { Schema } from './schema.ts';

/** A configuration as written: proven in shape only. The keys are the operator's, so they keep their spelling. */
export interface RawSettings
  extends RawListenerSettings, RawSignInSettings, RawBearerSettings, RawIdentitySettings, RawCertificateSettings, RawOperationSettings {
  readonly policy?: readonly RawRoute[] | null | undefined;
  readonly routes?: readonly RawRoute[] | null | undefined;
  readonly people?: unknown;
  readonly tests?: unknown;
}

export interface RawListenerSettings {
  readonly services: string;
  readonly address: string | readonly string[];
  readonly insecure_server: boolean;
  readonly http_redirect_addr?: string | undefined;
  readonly use_proxy_protocol: boolean;
  readonly certificates?: readonly RawCertificate[] | undefined;
  readonly certificate?: string | undefined;
  readonly certificate_file?: string | undefined;
  readonly certificate_key?: string | undefined;
  readonly certificate_key_file?: string | undefined;
  readonly certificate_authority?: string | undefined;
  readonly certificate_authority_file?: string | undefined;
  readonly timeout_read: string;
  readonly timeout_write: string;
  readonly timeout_idle: string;
  readonly default_upstream_timeout: string;
  readonly max_connections: number;
  readonly max_connections_per_peer: number;
  readonly max_requests: number;
  readonly skip_xff_append: boolean;
  readonly xff_num_trusted_hops: number;
  readonly normalize_path: boolean;
  readonly merge_slashes: boolean;
  readonly path_with_escaped_slashes_action: string;
  readonly headers_with_underscores_action: string;
  readonly set_response_headers?: Readonly<Record<string, string>> | undefined;
}

export interface RawSignInSettings {
  readonly authenticate_service_url?: string | undefined;
  readonly signout_redirect_url?: string | undefined;
  readonly programmatic_redirect_domain_whitelist: readonly string[];
  readonly idp_provider?: string | undefined;
  readonly idp_provider_url?: string | undefined;
  readonly idp_client_id?: string | undefined;
  readonly idp_client_secret?: string | undefined;
  readonly idp_client_secret_file?: string | undefined;
  readonly idp_scopes?: string | readonly string[] | undefined;
  readonly idp_request_params?: Readonly<Record<string, string>> | undefined;
  readonly shared_secret?: string | readonly string[] | undefined;
  readonly shared_secret_file?: string | undefined;
  readonly cookie_name: string;
  readonly cookie_secret?: string | readonly string[] | undefined;
  readonly cookie_secret_file?: string | undefined;
  readonly cookie_domain?: string | undefined;
  readonly cookie_http_only: boolean;
  readonly cookie_expire: string;
  readonly cookie_same_site?: string | undefined;
}

export interface RawBearerSettings {
  readonly bearer_token_format: string;
  readonly idp_access_token_allowed_audiences?: readonly string[] | undefined;
  readonly identity_providers?: Readonly<Record<string, RawTokenIssuer>> | undefined;
}

export interface RawTokenIssuer {
  readonly issuer?: string | undefined;
  readonly jwks_url?: string | undefined;
  readonly supported_algs: readonly string[];
  readonly audiences?: readonly string[] | undefined;
}

export interface RawIdentitySettings {
  readonly signing_key?: string | undefined;
  readonly signing_key_file?: string | undefined;
  readonly jwt_claims_headers?: string | readonly string[] | Readonly<Record<string, string>> | undefined;
  readonly jwt_issuer_format: string;
  readonly pass_identity_headers: boolean;
  readonly client_ca?: string | undefined;
  readonly client_ca_file?: string | undefined;
  readonly client_crl?: string | undefined;
  readonly client_crl_file?: string | undefined;
  readonly downstream_mtls: RawDownstreamMtls;
}

export interface RawOperationSettings {
  readonly metrics_address?: string | undefined;
  readonly metrics_basic_auth?: string | undefined;
  readonly metrics_certificate?: string | undefined;
  readonly metrics_certificate_file?: string | undefined;
  readonly metrics_certificate_key?: string | undefined;
  readonly metrics_certificate_key_file?: string | undefined;
  readonly metrics_client_ca?: string | undefined;
  readonly metrics_client_ca_file?: string | undefined;
  readonly health_check_addr: string;
  readonly workers: number | string;
  readonly log_level: string;
  readonly access_log_fields?: readonly string[] | undefined;
  readonly authorize_log_fields?: readonly string[] | undefined;
  readonly state_directory?: string | undefined;
  readonly databroker_storage_type?: string | undefined;
  readonly databroker_storage_connection_string?: string | undefined;
  readonly databroker_storage_connection_string_file?: string | undefined;
  readonly runtime_flags?: Readonly<Record<string, boolean>> | undefined;
}

export interface RawCertificate {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface RawDownstreamMtls extends RawCertificateRules {
  readonly ca?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly enforcement: string;
  readonly max_verify_depth: number;
  readonly crl?: string | undefined;
  readonly crl_file?: string | undefined;
  readonly match_subject_alt_names?: readonly Readonly<Record<string, string>>[] | undefined;
}

export interface RawRoute extends RawRouteCertificateSettings {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | readonly string[] | undefined;
  readonly redirect?: RawRedirect | undefined;
  readonly response?: RawResponse | undefined;
  readonly prefix?: string | undefined;
  readonly path?: string | undefined;
  readonly regex?: string | undefined;
  readonly prefix_rewrite?: string | undefined;
  readonly regex_rewrite_pattern?: string | undefined;
  readonly regex_rewrite_substitution?: string | undefined;
  readonly host_rewrite?: string | undefined;
  readonly host_rewrite_header?: string | undefined;
  readonly host_path_regex_rewrite_pattern?: string | undefined;
  readonly host_path_regex_rewrite_substitution?: string | undefined;
  readonly preserve_host_header: boolean;
  readonly policy?: unknown;
  readonly allow_public_unauthenticated_access: boolean;
  readonly allow_any_authenticated_user: boolean;
  readonly allowed_users?: readonly string[] | undefined;
  readonly allowed_domains?: readonly string[] | undefined;
  readonly allowed_idp_claims?: Readonly<Record<string, readonly (string | number | boolean)[]>> | undefined;
  readonly cors_allow_preflight: boolean;
  readonly allow_cross_site: boolean;
  readonly tls_downstream_client_ca?: string | undefined;
  readonly tls_downstream_client_ca_file?: string | undefined;
  readonly pass_identity_headers?: boolean | undefined;
  readonly jwt_issuer_format?: string | undefined;
  readonly bearer_token_format?: string | undefined;
  readonly idp_access_token_allowed_audiences?: readonly string[] | undefined;
  readonly identity_providers?: readonly string[] | undefined;
  readonly timeout?: string | undefined;
  readonly idle_timeout?: string | undefined;
  readonly allow_websockets: boolean;
  readonly allow_spdy: boolean;
  readonly set_request_headers?: Readonly<Record<string, string>> | undefined;
  readonly remove_request_headers?: readonly string[] | undefined;
  readonly set_response_headers?: Readonly<Record<string, string>> | undefined;
  readonly rewrite_response_headers?: readonly RawHeaderRewrite[] | undefined;
  readonly tls_skip_verify: boolean;
  readonly tls_server_name?: string | undefined;
  readonly tls_upstream_server_name?: string | undefined;
  readonly tls_custom_ca?: string | undefined;
  readonly tls_custom_ca_file?: string | undefined;
  readonly tls_client_cert?: string | undefined;
  readonly tls_client_cert_file?: string | undefined;
  readonly tls_client_key?: string | undefined;
  readonly tls_client_key_file?: string | undefined;
  readonly kubernetes_service_account_token?: string | undefined;
  readonly kubernetes_service_account_token_file?: string | undefined;
}

export interface RawRedirect {
  readonly https_redirect: boolean;
  readonly scheme_redirect?: string | undefined;
  readonly host_redirect?: string | undefined;
  readonly port_redirect?: number | undefined;
  readonly path_redirect?: string | undefined;
  readonly prefix_rewrite?: string | undefined;
  readonly response_code: number;
  readonly strip_query: boolean;
}

export interface RawResponse {
  readonly status?: number | undefined;
  readonly body: string;
}

export interface RawHeaderRewrite {
  readonly header?: string | undefined;
  readonly prefix?: string | undefined;
  readonly value?: string | undefined;
}

/** The schema of every key of `Raw`, and of none besides: a key that is in the types and not in a schema does not compile. */
export type KeySchemas<Raw> = { readonly [Key in keyof Raw]-?: Schema<Raw[Key]> };

/** One entry for every key of `Raw`, and none besides: a key that is in the types and not in a schema does not compile. */
export type Shape<Raw, Each> = { readonly [Key in keyof Raw]-?: Each };
