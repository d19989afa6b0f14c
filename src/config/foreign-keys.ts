/** The maps that have a fixed set of keys. */
export type Level = 'settings' | 'downstream_mtls' | 'certificate' | 'route';

/**
 * Keys that Pomerium has, or that are planned, and that Postern does not follow yet. They are refused by name: to ignore
 * a key that somebody relies on would change who gets in, without a word.
 */
export const unsupportedKeys: Readonly<Record<Level, readonly string[]>> = {
  settings: [
    ...words('accept_client_certificate access_log_fields allow_upgrades authenticate_internal_service_url authorize_internal_service_url'),
    ...words('authorize_log_fields authorize_service_url authorize_service_urls auto_apply_changesets autocert autocert_ca autocert_dir'),
    ...words('autocert_eab_key_id autocert_eab_mac_key autocert_email autocert_must_staple autocert_trusted_ca autocert_trusted_ca_file'),
    ...words('autocert_use_staging bearer_token_format bind_session_to_certificate blob_storage certificate_authority'),
    ...words('certificate_authority_file certificate_identities certificate_links certificate_sign_in_url circuit_breaker_thresholds'),
    ...words('client_certificate_authorities client_crl client_crl_file codec_type databroker_cluster_leader_id'),
    ...words('databroker_cluster_node_id databroker_cluster_nodes databroker_internal_service_url databroker_raft_bind_address'),
    ...words('databroker_service_url databroker_service_urls databroker_storage_connection_string'),
    ...words('databroker_storage_connection_string_file databroker_storage_type debug_address default_upstream_timeout'),
    ...words('dns_failure_refresh_rate dns_lookup_family dns_query_timeout dns_query_tries dns_refresh_rate dns_resolvers'),
    ...words('dns_udp_max_queries dns_use_tcp envoy_admin_access_log_path envoy_admin_address envoy_admin_profile_path'),
    ...words('envoy_bind_config_freebind envoy_bind_config_source_address envoy_dynamic_extensions'),
    ...words('google_cloud_serverless_authentication_service_account grpc_address grpc_client_timeout grpc_insecure headers'),
    ...words('headers_with_underscores_action health_check_systemd_disabled http_redirect_addr identity_providers'),
    ...words('idp_access_token_allowed_audiences idp_request_params insecure_server installation_id jwt_groups_filter jwt_issuer_format'),
    ...words('log_format logo_url mcp_allowed_as_metadata_domains mcp_allowed_client_id_domains merge_slashes metrics_basic_auth'),
    ...words('metrics_certificate metrics_certificate_file metrics_certificate_key metrics_certificate_key_file metrics_client_ca'),
    ...words('metrics_client_ca_file normalize_path otel_attribute_value_length_limit otel_bsp_max_export_batch_size'),
    ...words('otel_bsp_schedule_delay otel_exporter_otlp_endpoint otel_exporter_otlp_headers otel_exporter_otlp_protocol'),
    ...words('otel_exporter_otlp_timeout otel_exporter_otlp_traces_endpoint otel_exporter_otlp_traces_headers'),
    ...words('otel_exporter_otlp_traces_protocol otel_exporter_otlp_traces_timeout otel_log_level otel_resource_attributes'),
    ...words('otel_traces_exporter otel_traces_sampler_arg override_certificate_name pass_client_certificate'),
    ...words('path_with_escaped_slashes_action people primary_color programmatic_redirect_domain_whitelist proxy_log_level runtime_flags'),
    ...words('secondary_color services session_recording_concurrency set_response_headers sign_in_methods signout_redirect_url'),
    ...words('skip_xff_append ssh_address ssh_host_key_files ssh_host_keys ssh_rls_additional_entries ssh_rls_enabled ssh_user_ca_key'),
    ...words('ssh_user_ca_key_file tests timeout_idle timeout_read timeout_write tls_derive use_proxy_protocol workers'),
    ...words('xff_num_trusted_hops'),
  ],
  certificate: [],
  downstream_mtls: words(
    'allow_partial_chain certificate_denied_status crl crl_file match_subject_alt_names require_client_auth_eku revocation send_ca_names',
  ),
  route: [
    ...words('allow_cross_site allow_spdy allow_upgrades allowed_idp_claims anonymous_identity authentication bearer_token_format'),
    ...words('bind_session_to_certificate certificate_denied_status certificate_identities circuit_breaker_thresholds'),
    ...words('client_certificate_mode client_certificate_revocation cors_allow_preflight default_identity depends_on description'),
    ...words('enable_google_cloud_serverless_authentication health_checks healthy_panic_threshold host_path_regex_rewrite_pattern'),
    ...words('host_path_regex_rewrite_substitution host_rewrite host_rewrite_header identity_providers idle_timeout'),
    ...words('idp_access_token_allowed_audiences idp_client_id idp_client_secret jwt_groups_filter jwt_issuer_format'),
    ...words('kubernetes_service_account_token kubernetes_service_account_token_file load_balancing_policy logo_url mcp'),
    ...words('outlier_detection pass_client_certificate path_with_escaped_slashes_action prefix_rewrite redirect regex_priority_order'),
    ...words('regex_rewrite_pattern regex_rewrite_substitution response rewrite_response_headers session_recording'),
    ...words('set_response_headers show_error_details sub_policies tls_client_cert tls_client_cert_file tls_client_key'),
    ...words('tls_client_key_file tls_custom_ca tls_custom_ca_file tls_downstream_server_name tls_server_name tls_skip_verify'),
    ...words('tls_upstream_allow_renegotiation tls_upstream_server_name upstream_tunnel'),
  ],
};

/** What to write instead of some keys that are not supported yet. */
export const unsupportedAdvice: Readonly<Record<string, string>> = {
  databroker_storage_type: 'write state_directory to keep sessions in a directory',
  databroker_storage_connection_string: 'write state_directory to keep sessions in a directory',
  insecure_server: 'give a server certificate',
};

/** Keys that Pomerium had once and removed, with what to write instead. */
export const removedKeys: Readonly<Record<Level, Readonly<Record<string, string>>>> = {
  settings: {
    authenticate_callback_path: 'leave it out, the path is always /oauth2/callback',
    idp_qps: 'leave it out, groups come from the claim groups',
    idp_refresh_directory_interval: 'leave it out, groups come from the claim groups',
    idp_refresh_directory_timeout: 'leave it out, groups come from the claim groups',
    idp_service_account: 'leave it out, groups come from the claim groups',
    policy_file: 'write the routes under routes',
    tracing_datadog_address: 'leave it out',
    tracing_jaeger_agent_endpoint: 'leave it out',
    tracing_jaeger_collector_endpoint: 'leave it out',
    tracing_provider: 'leave it out',
    tracing_sample_rate: 'leave it out',
    tracing_zipkin_endpoint: 'leave it out',
  },
  certificate: {},
  downstream_mtls: {},
  route: {
    allowed_groups: 'write a policy with the criterion groups',
    set_authorization_header: 'write set_request_headers',
  },
};

function words(text: string): readonly string[] {
  return text.split(' ');
}
