import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawRoute } from './raw-settings.ts';
import { text, truth } from './schema.ts';

type UpstreamKey =
  | 'prefix_rewrite'
  | 'regex_rewrite_pattern'
  | 'regex_rewrite_substitution'
  | 'host_rewrite'
  | 'host_rewrite_header'
  | 'host_path_regex_rewrite_pattern'
  | 'host_path_regex_rewrite_substitution'
  | 'preserve_host_header'
  | 'timeout'
  | 'idle_timeout'
  | 'allow_websockets'
  | 'allow_spdy'
  | 'tls_skip_verify'
  | 'tls_server_name'
  | 'tls_upstream_server_name'
  | 'tls_custom_ca'
  | 'tls_custom_ca_file'
  | 'tls_client_cert'
  | 'tls_client_cert_file'
  | 'tls_client_key'
  | 'tls_client_key_file'
  | 'kubernetes_service_account_token'
  | 'kubernetes_service_account_token_file';

/** The keys of a route that speak of how requests go to its upstreams; beside `redirect` and `response` they have no effect. */
export const routeUpstreamKeys: Pick<KeySchemas<RawRoute>, UpstreamKey> = {
  prefix_rewrite: optionalKey(text, {
    description:
      'Takes the place of what `prefix` matched, or of the leading slash where there is none. Not beside `regex_rewrite_pattern`.',
  }),
  regex_rewrite_pattern: optionalKey(text, { description: 'An RE2 expression: what it matches in the path is replaced.' }),
  regex_rewrite_substitution: optionalKey(text, { description: 'What stands there instead; `\\1` is the first group.' }),
  host_rewrite: optionalKey(text, { description: 'The `Host` that the upstream gets. Counts before the keys that follow.' }),
  host_rewrite_header: optionalKey(text, { description: 'The name of a request header that the `Host` is taken from.' }),
  host_path_regex_rewrite_pattern: optionalKey(text, { description: 'An RE2 expression for the path, from which the `Host` is made.' }),
  host_path_regex_rewrite_substitution: optionalKey(text, { description: 'How; `\\1` is the first group.' }),
  preserve_host_header: keyWithDefault(truth, false, {
    description: "Whether the upstream gets the client's `Host`. Otherwise, and without a key before this one, it gets the host of `to`.",
  }),
  timeout: optionalKey(text, {
    description:
      'How long the whole answer may take, `0s` for as long as it likes. Absent: `default_upstream_timeout`, and without limit with ' +
      '`allow_websockets`, `allow_spdy` or a Kubernetes token.',
    examples: ['30s'],
  }),
  idle_timeout: optionalKey(text, {
    description: 'How long nothing may pass in either direction, `0s` for ever. Absent: 5m, and without limit in the same cases.',
    examples: ['5m'],
  }),
  allow_websockets: keyWithDefault(truth, false, { description: 'Whether WebSockets may pass.' }),
  allow_spdy: keyWithDefault(truth, false, { description: 'Whether connections may switch to `spdy/3.1`, as `kubectl exec` does.' }),
  tls_skip_verify: keyWithDefault(truth, false, {
    description: 'Whether any certificate of the upstream is believed. Whoever is between can then read and change everything.',
  }),
  tls_server_name: optionalKey(text, { description: 'The name in the certificate of the upstream, and in SNI. Absent: the host of `to`.' }),
  tls_upstream_server_name: optionalKey(text, { description: 'The same; counts before `tls_server_name`.' }),
  tls_custom_ca: optionalKey(text, {
    description: 'The CAs of the upstream, instead of the public ones: a PEM bundle, in base64 or as it is.',
  }),
  tls_custom_ca_file: optionalKey(text, { description: 'A file with the same.' }),
  tls_client_cert: optionalKey(text, { description: 'The certificate that Postern shows to the upstream: PEM, in base64 or as it is.' }),
  tls_client_cert_file: optionalKey(text, { description: 'A file with the same.' }),
  tls_client_key: optionalKey(text, { description: 'Its private key: PEM, in base64 or as it is.', writeOnly: true }),
  tls_client_key_file: optionalKey(text, { description: 'A file with the same.' }),
  kubernetes_service_account_token: optionalKey(text, {
    description: 'The upstream is a Kubernetes API: it gets this bearer token, and is told whom to impersonate.',
    writeOnly: true,
  }),
  kubernetes_service_account_token_file: optionalKey(text, { description: 'A file with the same.' }),
};
