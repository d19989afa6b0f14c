/** The maps that have a fixed set of keys. */
export type Level = 'settings' | 'downstream_mtls' | 'certificate' | 'route';

/**
 * Keys that Pomerium has, or that are planned, and that Postern does not follow yet. They are refused by name: to ignore
 * a key that somebody relies on would change who gets in, without a word.
 */
export const unsupportedKeys: Readonly<Record<Level, readonly string[]>> = {
  settings: [
    ...words('allow_upgrades authenticate_internal_service_url authorize_internal_service_url'),
    ...words('authorize_service_url authorize_service_urls auto_apply_changesets autocert autocert_ca autocert_dir'),
    ...words('autocert_eab_key_id autocert_eab_mac_key autocert_email autocert_must_staple autocert_trusted_ca'),
    ...words('autocert_trusted_ca_file autocert_use_staging blob_storage circuit_breaker_thresholds'),
    ...words('codec_type databroker_cluster_leader_id databroker_cluster_node_id'),
    ...words('databroker_cluster_nodes databroker_internal_service_url databroker_raft_bind_address databroker_service_url'),
    ...words('databroker_service_urls debug_address dns_failure_refresh_rate dns_lookup_family dns_query_timeout dns_query_tries'),
    ...words('dns_refresh_rate dns_resolvers dns_udp_max_queries dns_use_tcp envoy_admin_access_log_path envoy_admin_address'),
    ...words('envoy_admin_profile_path envoy_bind_config_freebind envoy_bind_config_source_address envoy_dynamic_extensions'),
    ...words('google_cloud_serverless_authentication_service_account grpc_address grpc_client_timeout grpc_insecure headers'),
    ...words('health_check_systemd_disabled installation_id jwt_groups_filter'),
    ...words('log_format logo_url mcp_allowed_as_metadata_domains mcp_allowed_client_id_domains otel_attribute_value_length_limit'),
    ...words('otel_bsp_max_export_batch_size otel_bsp_schedule_delay otel_exporter_otlp_endpoint otel_exporter_otlp_headers'),
    ...words('otel_exporter_otlp_protocol otel_exporter_otlp_timeout otel_exporter_otlp_traces_endpoint'),
    ...words('otel_exporter_otlp_traces_headers otel_exporter_otlp_traces_protocol otel_exporter_otlp_traces_timeout otel_log_level'),
    ...words('otel_resource_attributes otel_traces_exporter otel_traces_sampler_arg override_certificate_name'),
    ...words('primary_color proxy_log_level secondary_color session_recording_concurrency'),
    ...words('ssh_address ssh_host_key_files ssh_host_keys ssh_rls_additional_entries ssh_rls_enabled ssh_user_ca_key'),
    ...words('ssh_user_ca_key_file tls_derive'),
  ],
  certificate: [],
  downstream_mtls: [],
  route: [
    ...words('allow_upgrades circuit_breaker_thresholds depends_on enable_google_cloud_serverless_authentication health_checks'),
    ...words('healthy_panic_threshold idp_client_id idp_client_secret'),
    ...words('jwt_groups_filter load_balancing_policy logo_url mcp outlier_detection'),
    ...words('path_with_escaped_slashes_action regex_priority_order session_recording show_error_details sub_policies'),
    ...words('tls_downstream_server_name tls_upstream_allow_renegotiation upstream_tunnel'),
  ],
};

/** What to write instead of some keys that are not supported yet. */
export const unsupportedAdvice: Readonly<Record<string, string>> = {
  autocert: 'write certificates, from a program that renews them; changed files are read again',
  debug_address: 'leave it out',
  headers: 'write set_response_headers; only the variable is called HEADERS',
  proxy_log_level: 'write log_level',
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
