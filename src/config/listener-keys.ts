import { escapedSlashActions, underscoreActions } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawCertificate, RawListenerSettings } from './raw-settings.ts';
import { eitherOf, keysOf, listOf, mapOf, number, text, texts, truth } from './schema.ts';

const certificateKeys: KeySchemas<RawCertificate> = {
  cert: optionalKey(text, { description: 'The file with the certificate chain, the server certificate first.' }),
  key: optionalKey(text, { description: 'The file with its private key.' }),
};

/** Where and how requests are taken in. */
export const listenerKeys: KeySchemas<RawListenerSettings> = {
  services: keyWithDefault(text, 'all', {
    description: 'Which services this process runs. Only `all`, or the four names `authenticate,authorize,databroker,proxy` together.',
  }),
  address: keyWithDefault(eitherOf(text, texts), ':443', {
    description:
      'Where to listen for HTTPS, `host:port`; the host is an IP address, `localhost`, or nothing for every address of the machine.',
  }),
  insecure_server: keyWithDefault(truth, false, {
    description: 'Speak HTTP without TLS, because something in front ends TLS. No server certificate is needed then.',
  }),
  http_redirect_addr: optionalKey(text, {
    description: 'Where to listen for HTTP without TLS and send everybody to `https://`, `host:port`. Absent: nowhere.',
  }),
  use_proxy_protocol: keyWithDefault(truth, false, {
    description: 'Connections begin with a PROXY protocol header, version 1 or 2, that names the client; those without one are closed.',
  }),
  certificates: optionalKey(listOf(keysOf(certificateKeys)), {
    description: 'Server certificates: a list of `cert` and `key`, each a file name. The SNI chooses among them.',
  }),
  certificate: optionalKey(text, { description: 'One more server certificate: PEM, in base64 or as it is.' }),
  certificate_file: optionalKey(text, { description: 'A file with the same.' }),
  certificate_key: optionalKey(text, { description: 'Its private key: PEM, in base64 or as it is.', writeOnly: true }),
  certificate_key_file: optionalKey(text, { description: 'A file with the same.' }),
  certificate_authority: optionalKey(text, {
    description:
      'CAs that are trusted beside the public ones, for the identity provider and for upstreams without CAs of their own: ' +
      'a PEM bundle, in base64 or as it is.',
  }),
  certificate_authority_file: optionalKey(text, { description: 'A file with the same.' }),
  timeout_read: keyWithDefault(text, '30s', {
    description:
      'How long the head of a request may take, and the silence between two pieces of its body until the answer begins; `0s`: no limit.',
    examples: ['30s'],
  }),
  timeout_write: keyWithDefault(text, '0s', {
    description: 'How long one request and its answer may take in all; `0s`: no limit.',
    examples: ['1h'],
  }),
  timeout_idle: keyWithDefault(text, '5m', {
    description: 'How long a connection may be without a request; `0s`: no limit.',
    examples: ['5m'],
  }),
  default_upstream_timeout: keyWithDefault(text, '30s', {
    description: 'How long the whole answer of an upstream may take, on routes without `timeout`; `0s`: no limit.',
    examples: ['30s'],
  }),
  max_connections: keyWithDefault(number, 20_000, {
    description:
      'How many connections of clients there may be at once, handshakes included; further ones are closed at once. `0`: no limit. ' +
      'Beside it there are never more than the descriptors of the process allow.',
  }),
  max_connections_per_peer: keyWithDefault(number, 5_000, {
    description:
      'How many of them may be of one IPv4 address, or of one /64 of IPv6; `0`: no limit. With `use_proxy_protocol` the address is the one ' +
      'that the PROXY header names. Behind a load balancer that shows its own address set it to `0`.',
  }),
  max_requests: keyWithDefault(number, 20_000, {
    description:
      'How many requests, WebSockets and other streams may be in progress at once; further ones are answered 503. `0`: no limit.',
  }),
  skip_xff_append: keyWithDefault(truth, false, {
    description: 'Do not append the address of the client to `X-Forwarded-For`.',
  }),
  xff_num_trusted_hops: keyWithDefault(number, 0, {
    description:
      'How many proxies in front are believed about `X-Forwarded-Proto` and about the address in the log. A policy never believes them.',
  }),
  normalize_path: keyWithDefault(truth, true, {
    description: 'Resolve `.` and `..` in paths. Only `true`: policy and upstream see one and the same path.',
  }),
  merge_slashes: keyWithDefault(truth, true, { description: 'Take `//` in a path for `/`, everywhere.' }),
  path_with_escaped_slashes_action: keyWithDefault(text, 'reject_request', {
    description:
      'What becomes of paths with `%2F` or `%5C`. `reject_request`: 400. `keep_unchanged`: they are ordinary characters. ' +
      '`unescape_and_redirect`: the client is sent to the path with slashes. `unescape_and_forward`: they are read as slashes.',
    enum: escapedSlashActions,
  }),
  headers_with_underscores_action: keyWithDefault(text, 'reject_request', {
    description:
      'What becomes of request headers with `_` in their name. `reject_request`: 400. `drop_header`: the upstream does not get them. ' +
      '`allow`: it does, unless they could be read as a header that Postern writes.',
    enum: underscoreActions,
  }),
  set_response_headers: optionalKey(mapOf(text), {
    description:
      'Headers that every answer of a route gets (not the pages of Postern itself), instead of `X-Frame-Options`, `X-XSS-Protection` and (with a certificate) ' +
      '`Strict-Transport-Security`. The key `disable`: none. The variable `HEADERS` takes the same as JSON or as `Name:value,Name:value`.',
  }),
};
