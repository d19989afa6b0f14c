import { nearestWord } from './nearest-word.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';
import type { RuntimeFlags } from './settings.ts';

/** Pomerium's switches and what each is set to where nobody says otherwise. */
export const runtimeFlagDefaults: Readonly<Record<string, boolean>> = {
  add_extra_metrics_labels: true,
  allow_any_sign_out_redirect_uri: false,
  authorize_use_synced_data: true,
  config_hot_reload: true,
  debug_admin_endpoints: false,
  envoy_resource_manager: true,
  grpc_databroker_keepalive: true,
  match_any_incoming_port: true,
  mcp: true,
  mcp_dynamic_client_registration: false,
  pomerium_jwt_endpoint: false,
  refresh_session_at_id_token_expiration: true,
  routes_portal: true,
  set_envoy_concurrency_to_go_max_procs: true,
  ssh_allow_direct_tcpip: false,
  ssh_routes_portal: false,
  ssh_upstream_tunnel: false,
};

/** The switches that can be set either way; all others stay at their default. */
export const builtFlags: readonly string[] = ['config_hot_reload', 'pomerium_jwt_endpoint'];

const key = 'runtime_flags';

/** Reads `runtime_flags`. A switch that stays at its default is accepted whatever it is, because then it asks for nothing. */
export function readRuntimeFlags(reading: Reading, written: Readonly<Record<string, boolean>> | undefined): RuntimeFlags {
  const flags = new Map(Object.entries(written ?? {}));
  for (const [name, value] of flags) {
    if (!Object.hasOwn(runtimeFlagDefaults, name)) {
      const meant = nearestWord(name, Object.keys(runtimeFlagDefaults));
      const hint = meant === undefined ? '' : `, did you mean "${meant}"?`;
      reading.error([key, name], `unknown key ${quoteValue(name)} in ${key}${hint}`, { code: 'unknown-key', part: 'key' });
    } else if (!builtFlags.includes(name) && value !== runtimeFlagDefaults[name]) {
      reading.error([key, name], `${key}.${name}: ${value} is not supported yet, leave it at ${!value}`, { code: 'not-supported-yet' });
    }
  }
  return {
    jwtEndpoint: flags.get('pomerium_jwt_endpoint') ?? false,
    configHotReload: flags.get('config_hot_reload') ?? true,
  };
}
