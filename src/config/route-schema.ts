import { routeBearerKeys } from './bearer-keys.ts';
import { issuerFormats, redirectSchemes } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawHeaderRewrite, RawRedirect, RawResponse, RawRoute } from './raw-settings.ts';
import { routeCertificateKeys } from './route-certificate-keys.ts';
import { routeUpstreamKeys } from './route-upstream-keys.ts';
import type { Schema } from './schema.ts';
import { anything, eitherOf, keysOf, listOf, mapOf, number, text, texts, truth } from './schema.ts';

const redirectKeys: KeySchemas<RawRedirect> = {
  https_redirect: keyWithDefault(truth, false, { description: 'The same URL with `https://`. Not beside `scheme_redirect`.' }),
  scheme_redirect: optionalKey(text, { description: 'Another scheme.', enum: redirectSchemes }),
  host_redirect: optionalKey(text, { description: 'Another host, without a port.' }),
  port_redirect: optionalKey(number, {
    description:
      'Another port. Absent: that of the request, but none with `host_redirect`, nor where it is the own port of a scheme that changes.',
  }),
  path_redirect: optionalKey(text, { description: 'Another path as a whole. A query in it takes the place of that of the request.' }),
  prefix_rewrite: optionalKey(text, { description: 'Takes the place of what `prefix` matched. Not beside `path_redirect`.' }),
  response_code: keyWithDefault(number, 301, { description: '301, 302, 303, 307 or 308.' }),
  strip_query: keyWithDefault(truth, false, { description: 'Whether the query is left out.' }),
};

const responseKeys: KeySchemas<RawResponse> = {
  status: optionalKey(number, { description: 'Required. From 200 to 599.' }),
  body: keyWithDefault(text, '', { description: 'The text of the answer. None may follow 204, 205 and 304.' }),
};

const headerRewriteKeys: KeySchemas<RawHeaderRewrite> = {
  header: optionalKey(text, { description: 'Required. The name of a header of the answer, like `Location`.' }),
  prefix: optionalKey(text, { description: 'Required. The header is changed where it begins with this text.' }),
  value: optionalKey(text, { description: 'Required. What it begins with instead.' }),
};

const targetKeys = {
  to: optionalKey(eitherOf(text, texts), {
    description:
      'Where requests go: `http://`, `https://`, `h2c://` (HTTP/2 without TLS) or `unix:///path`, one or several. Several may be weighted, `http://10.0.0.1:8080,3`: all or none. ' +
      'A path of the first entry takes the place of what `prefix` matched, as `prefix_rewrite` does, and counts only without such a key. ' +
      'One of `to`, `redirect` and `response` is required.',
  }),
  redirect: optionalKey(keysOf(redirectKeys), {
    description: 'Where the visitor is sent, once the policy allowed it; its keys follow below. Counts before `response` and `to`.',
    examples: ['{host_redirect: new.corp.example}'],
  }),
  response: optionalKey(keysOf(responseKeys), {
    description: 'A fixed answer, once the policy allowed it; its keys follow below. Counts before `to`.',
    examples: ['{status: 404, body: gone}'],
  }),
} satisfies Partial<KeySchemas<RawRoute>>;

const accessKeys = {
  policy: optionalKey(anything, { description: 'A document of the policy language: who may pass. ORed with the keys that follow.' }),
  allow_public_unauthenticated_access: keyWithDefault(truth, false, {
    description: 'Everybody may pass, without signing in. Not beside `allow_any_authenticated_user` or an allow-list.',
  }),
  allow_any_authenticated_user: keyWithDefault(truth, false, {
    description: 'Everybody who signed in may pass. Not beside an allow-list.',
  }),
  allowed_users: optionalKey(texts, { description: 'User ids or e-mail addresses that may pass.' }),
  allowed_domains: optionalKey(texts, { description: 'Domains of e-mail addresses that may pass.' }),
  allowed_idp_claims: optionalKey(mapOf(listOf(eitherOf(text, number, truth))), {
    description: 'A map of claims, each with a list of values: whoever has one of the values of one of them may pass.',
  }),
  cors_allow_preflight: keyWithDefault(truth, false, {
    description: 'Whether CORS preflights pass without signing in: browsers send them without cookies.',
  }),
  allow_cross_site: keyWithDefault(truth, false, {
    description:
      'Whether pages of other sites may change something, or open a WebSocket, where a client certificate alone lets people in: ' +
      'browsers send it along whoever asks, as they did cookies.',
  }),
  tls_downstream_client_ca: optionalKey(text, {
    description: 'The CAs of the client certificates this route accepts, instead of the global ones: a PEM bundle, in base64 or as it is.',
  }),
  tls_downstream_client_ca_file: optionalKey(text, { description: 'A file with the same.' }),
} satisfies Partial<KeySchemas<RawRoute>>;

const headerKeys = {
  pass_identity_headers: optionalKey(truth, {
    description: 'Whether the upstream is told who is asking. Absent: the global `pass_identity_headers`.',
  }),
  jwt_issuer_format: optionalKey(text, {
    description: 'How the assertion names its issuer. Absent: the global `jwt_issuer_format`.',
    enum: issuerFormats,
  }),
  set_request_headers: optionalKey(mapOf(text), {
    description:
      'Headers that the upstream gets with these values, whatever the client sent. `${pomerium.…}` stands for a value of the session, `$$` for `$`.',
    writeOnly: true,
  }),
  remove_request_headers: optionalKey(texts, {
    description: 'Headers that the upstream does not get. Counts before `set_request_headers`.',
  }),
  set_response_headers: optionalKey(mapOf(text), {
    description:
      'Headers of every answer of the route, over the global `set_response_headers`; one that is in both has the value given here.',
  }),
  rewrite_response_headers: optionalKey(listOf(keysOf(headerRewriteKeys)), {
    description: 'Headers of the answer whose beginning is replaced; the keys of an entry follow below.',
  }),
} satisfies Partial<KeySchemas<RawRoute>>;

const keys: KeySchemas<RawRoute> = {
  name: optionalKey(text, { description: 'What log and metrics call the route.' }),
  description: optionalKey(text, { description: 'A sentence about the route, for people.' }),
  from: optionalKey(text, {
    description:
      'Required. `https://host[:port]`, without a path. `*` in the host stands for any characters, dots included. `http://` is refused: ' +
      'Postern may listen without TLS, but what people see is `https://`.',
  }),
  ...targetKeys,
  prefix: optionalKey(text, { description: 'Only paths that begin with this text. A plain text: `/api` also matches `/apix`.' }),
  path: optionalKey(text, { description: 'Only this path. Counts before `prefix`.' }),
  regex: optionalKey(text, { description: 'Only paths that match this RE2 expression as a whole. Counts before `path` and `prefix`.' }),
  ...accessKeys,
  ...routeCertificateKeys,
  ...routeBearerKeys,
  ...headerKeys,
  ...routeUpstreamKeys,
};

/** The keys of one route. */
export const routeSchema: Schema<RawRoute> = keysOf(keys);
