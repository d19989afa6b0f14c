/** A key of the reference: how much it matters there, and what becomes of it here. */
export interface PomeriumKey {
  readonly level: Level;
  readonly key: string;
  /** C: core, O: optional, X: exotic, removed: Pomerium had it once. */
  readonly tier: 'C' | 'O' | 'X' | 'removed';
  readonly outcome: 'accepted' | 'not supported yet' | 'removed';
}

export type Level = 'settings' | 'downstream_mtls' | 'route';

/**
 * Every key of the tables in P 1 and P 2. Accepted is what is core and what the issue names besides; what Pomerium removed is
 * told so, but for the older spellings that are taken for the newer ones.
 */
export const pomeriumKeys: readonly PomeriumKey[] = [
  ...keys('settings', 'C', 'accepted', [
    'services address insecure_server http_redirect_addr timeout_read timeout_write timeout_idle default_upstream_timeout',
    'normalize_path merge_slashes path_with_escaped_slashes_action headers_with_underscores_action',
    'certificates certificate certificate_key certificate_file certificate_key_file',
    'authenticate_service_url signout_redirect_url idp_provider idp_provider_url idp_client_id idp_client_secret',
    'idp_client_secret_file idp_scopes idp_request_params shared_secret shared_secret_file cookie_secret cookie_secret_file',
    'cookie_name cookie_domain cookie_http_only cookie_expire cookie_same_site',
    'signing_key signing_key_file jwt_claims_headers jwt_issuer_format pass_identity_headers set_response_headers downstream_mtls',
    'databroker_storage_type databroker_storage_connection_string databroker_storage_connection_string_file',
    'log_level access_log_fields authorize_log_fields metrics_address health_check_addr routes policy',
  ]),
  ...keys('settings', 'O', 'accepted', [
    'use_proxy_protocol skip_xff_append xff_num_trusted_hops runtime_flags programmatic_redirect_domain_whitelist',
    'metrics_basic_auth metrics_certificate metrics_certificate_file metrics_certificate_key metrics_certificate_key_file',
    'metrics_client_ca metrics_client_ca_file bearer_token_format idp_access_token_allowed_audiences identity_providers',
  ]),
  ...keys('settings', 'X', 'accepted', ['certificate_authority certificate_authority_file']),
  ...keys('settings', 'removed', 'accepted', ['client_ca client_ca_file client_crl client_crl_file']),
  ...keys('settings', 'O', 'not supported yet', [
    'codec_type debug_address allow_upgrades dns_lookup_family dns_failure_refresh_rate dns_refresh_rate dns_query_timeout',
    'dns_query_tries dns_udp_max_queries dns_use_tcp dns_resolvers circuit_breaker_thresholds',
    'autocert autocert_ca autocert_email autocert_use_staging autocert_eab_key_id autocert_eab_mac_key autocert_must_staple',
    'autocert_trusted_ca autocert_trusted_ca_file autocert_dir',
    'proxy_log_level',
    'otel_traces_exporter otel_traces_sampler_arg otel_resource_attributes otel_log_level otel_attribute_value_length_limit',
    'otel_exporter_otlp_endpoint otel_exporter_otlp_protocol otel_exporter_otlp_headers otel_exporter_otlp_timeout',
    'otel_exporter_otlp_traces_endpoint otel_exporter_otlp_traces_protocol otel_exporter_otlp_traces_headers',
    'otel_exporter_otlp_traces_timeout otel_bsp_schedule_delay otel_bsp_max_export_batch_size',
  ]),
  ...keys('settings', 'X', 'not supported yet', [
    'installation_id grpc_address grpc_insecure grpc_client_timeout authorize_service_url authorize_service_urls',
    'authorize_internal_service_url databroker_service_url databroker_service_urls databroker_internal_service_url',
    'override_certificate_name tls_derive envoy_bind_config_source_address envoy_bind_config_freebind envoy_admin_address',
    'envoy_admin_access_log_path envoy_admin_profile_path envoy_dynamic_extensions authenticate_internal_service_url',
    'jwt_groups_filter databroker_cluster_leader_id databroker_cluster_node_id databroker_cluster_nodes databroker_raft_bind_address',
    'health_check_systemd_disabled google_cloud_serverless_authentication_service_account',
    'ssh_address ssh_host_key_files ssh_host_keys ssh_user_ca_key ssh_user_ca_key_file ssh_rls_enabled ssh_rls_additional_entries',
    'session_recording_concurrency blob_storage mcp_allowed_client_id_domains mcp_allowed_as_metadata_domains',
    'auto_apply_changesets primary_color secondary_color logo_url',
  ]),
  ...keys('settings', 'removed', 'removed', [
    'idp_service_account idp_refresh_directory_interval idp_refresh_directory_timeout idp_qps policy_file authenticate_callback_path',
    'tracing_provider tracing_sample_rate tracing_datadog_address tracing_jaeger_collector_endpoint tracing_jaeger_agent_endpoint',
    'tracing_zipkin_endpoint',
  ]),
  ...keys('downstream_mtls', 'C', 'accepted', ['ca ca_file crl crl_file enforcement match_subject_alt_names max_verify_depth']),
  ...keys('route', 'C', 'accepted', [
    'from to redirect response prefix path regex prefix_rewrite regex_rewrite_pattern regex_rewrite_substitution host_rewrite',
    'preserve_host_header timeout idle_timeout allow_websockets set_request_headers remove_request_headers set_response_headers',
    'tls_skip_verify tls_server_name tls_upstream_server_name tls_custom_ca tls_custom_ca_file tls_client_cert tls_client_cert_file',
    'tls_client_key tls_client_key_file tls_downstream_client_ca tls_downstream_client_ca_file allow_public_unauthenticated_access',
    'allow_any_authenticated_user allowed_users allowed_domains allowed_idp_claims policy cors_allow_preflight pass_identity_headers',
  ]),
  ...keys('route', 'O', 'accepted', [
    'name description host_rewrite_header host_path_regex_rewrite_pattern host_path_regex_rewrite_substitution',
    'rewrite_response_headers jwt_issuer_format bearer_token_format idp_access_token_allowed_audiences identity_providers',
  ]),
  ...keys('route', 'X', 'accepted', ['allow_spdy kubernetes_service_account_token kubernetes_service_account_token_file']),
  ...keys('route', 'O', 'not supported yet', [
    'logo_url allow_upgrades tls_downstream_server_name idp_client_id idp_client_secret show_error_details depends_on load_balancing_policy health_checks outlier_detection',
    'circuit_breaker_thresholds',
  ]),
  ...keys('route', 'X', 'not supported yet', [
    'regex_priority_order tls_upstream_allow_renegotiation sub_policies jwt_groups_filter',
    'enable_google_cloud_serverless_authentication healthy_panic_threshold mcp upstream_tunnel session_recording',
  ]),
  ...keys('route', 'removed', 'removed', ['allowed_groups set_authorization_header']),
];

function keys(level: Level, tier: PomeriumKey['tier'], outcome: PomeriumKey['outcome'], lines: readonly string[]): readonly PomeriumKey[] {
  return lines.flatMap((line) => line.split(' ')).map((key) => ({ level, key, tier, outcome }));
}
