import { z } from 'zod';
import { enforcements, logLevels, providerKinds, sameSites } from './choices.ts';
import { keyWithDefault, mapKey, optionalKey } from './key-schema.ts';
import type { RawCertificate, RawDownstreamMtls, RawSettings, Shape } from './raw-settings.ts';
import { routeSchema } from './route-schema.ts';

const text = z.string();
const texts = z.array(z.string());

const certificateShape = {
  cert: optionalKey(text, { description: 'The file with the certificate chain, the server certificate first.' }),
  key: optionalKey(text, { description: 'The file with its private key.' }),
} satisfies Shape<RawCertificate, z.ZodType>;

const downstreamMtlsShape = {
  ca: optionalKey(text, {
    description: 'The CAs of the client certificates that are accepted on every route: a PEM bundle, in base64 or as it is.',
  }),
  ca_file: optionalKey(text, { description: 'A file with the same.' }),
  enforcement: keyWithDefault(text, 'policy_with_default_deny', {
    description:
      'What a missing or invalid client certificate leads to. `policy_with_default_deny`: denial, unless the policy speaks of it. ' +
      '`policy`: only what the policy says. `reject_connection`: the handshake fails.',
    enum: enforcements,
  }),
  max_verify_depth: keyWithDefault(z.number(), 1, {
    description: 'How many CA certificates may stand above the client certificate; 0: any number.',
  }),
} satisfies Shape<RawDownstreamMtls, z.ZodType>;

const listenerShape = {
  address: keyWithDefault(z.union([text, texts]), ':443', {
    description:
      'Where to listen for HTTPS, `host:port`; the host is an IP address, `localhost`, or nothing for every address of the machine.',
  }),
  certificates: optionalKey(z.array(z.strictObject(certificateShape)), {
    description: 'Server certificates: a list of `cert` and `key`, each a file name. The SNI chooses among them.',
  }),
  certificate: optionalKey(text, { description: 'One more server certificate: PEM, in base64 or as it is.' }),
  certificate_file: optionalKey(text, { description: 'A file with the same.' }),
  certificate_key: optionalKey(text, { description: 'Its private key: PEM, in base64 or as it is.', writeOnly: true }),
  certificate_key_file: optionalKey(text, { description: 'A file with the same.' }),
} satisfies Partial<Shape<RawSettings, z.ZodType>>;

const signInShape = {
  authenticate_service_url: optionalKey(text, {
    description: 'The `https://` URL of the host on which people sign in. Required as soon as one route can send somebody to sign in.',
  }),
  idp_provider: optionalKey(text, {
    description: 'The kind of identity provider. Required like the URL above.',
    enum: providerKinds,
  }),
  idp_provider_url: optionalKey(text, {
    description: 'The issuer of the OpenID provider, `https://`; `http://` for loopback hosts only.',
  }),
  idp_client_id: optionalKey(text, { description: "Postern's name at the provider." }),
  idp_client_secret: optionalKey(text, { description: "Postern's password at the provider.", writeOnly: true }),
  idp_client_secret_file: optionalKey(text, { description: 'A file with the same.' }),
  idp_scopes: keyWithDefault(texts, ['openid', 'profile', 'email', 'offline_access'], {
    description: 'The scopes to ask for; `openid` must be one of them.',
  }),
  shared_secret: optionalKey(text, {
    description: 'Base64 of 32 bytes, from which other keys are derived. Absent: made at random and kept in `state_directory`.',
    writeOnly: true,
  }),
  shared_secret_file: optionalKey(text, { description: 'A file with the same.' }),
  cookie_name: keyWithDefault(text, '_pomerium', {
    description: 'The name of the session cookie; the names of further cookies begin with it.',
  }),
  cookie_secret: optionalKey(text, {
    description: 'Base64 of 32 bytes, which seal the cookies. Absent: made at random and kept in `state_directory`.',
    writeOnly: true,
  }),
  cookie_secret_file: optionalKey(text, { description: 'A file with the same.' }),
  cookie_domain: optionalKey(text, {
    description: 'The domain whose hosts share one session cookie. Absent: each host has its own.',
  }),
  cookie_http_only: keyWithDefault(z.boolean(), true, { description: 'Whether scripts are kept from reading the cookie.' }),
  cookie_expire: keyWithDefault(text, '14h', { description: 'How long cookie and session last at most.', examples: ['14h'] }),
  cookie_same_site: optionalKey(text, {
    description: 'The `SameSite` attribute of the session cookie. Absent: the attribute is not sent.',
    enum: sameSites,
  }),
} satisfies Partial<Shape<RawSettings, z.ZodType>>;

const identityShape = {
  signing_key: optionalKey(text, {
    description:
      'The private key that signs assertions: PEM, in base64 or as it is. Of several the first signs and all are published. ' +
      'Absent: derived from `shared_secret`.',
    writeOnly: true,
  }),
  signing_key_file: optionalKey(text, { description: 'A file with the same.' }),
  jwt_claims_headers: optionalKey(z.union([text, texts, z.record(z.string(), z.string())]), {
    description: 'Claims that upstreams get as headers: a map of header and claim, or a list of claims for `x-pomerium-claim-…`.',
  }),
  pass_identity_headers: keyWithDefault(z.boolean(), false, {
    description: 'Whether upstreams are told who is asking, where the route does not say.',
  }),
  client_ca: optionalKey(text, { description: 'Older spelling of `downstream_mtls.ca`.' }),
  client_ca_file: optionalKey(text, { description: 'Older spelling of `downstream_mtls.ca_file`.' }),
  downstream_mtls: mapKey(z.strictObject(downstreamMtlsShape), {
    description: 'Client certificates, for every route without CAs of its own; its keys follow below.',
  }),
} satisfies Partial<Shape<RawSettings, z.ZodType>>;

const operationShape = {
  metrics_address: optionalKey(text, { description: 'Where to serve `/metrics`, `host:port`. Absent: nowhere.' }),
  health_check_addr: keyWithDefault(text, '127.0.0.1:28080', {
    description: 'Where to answer health checks: `/startupz`, `/readyz`, `/healthz`, `/status`.',
  }),
  log_level: keyWithDefault(text, 'info', {
    description: 'The least important lines that are logged.',
    enum: logLevels,
  }),
  state_directory: optionalKey(text, {
    description: 'A directory for sessions and generated secrets. Absent: both end with the process.',
  }),
} satisfies Partial<Shape<RawSettings, z.ZodType>>;

const routeListShape = {
  policy: optionalKey(z.array(routeSchema).nullable(), { description: 'Older name of `routes`; its routes come first.' }),
  routes: optionalKey(z.array(routeSchema).nullable(), {
    description: 'The routes, in order of preference; their keys follow below.',
  }),
} satisfies Partial<Shape<RawSettings, z.ZodType>>;

const shape = {
  ...listenerShape,
  ...signInShape,
  ...identityShape,
  ...operationShape,
  ...routeListShape,
} satisfies Shape<RawSettings, z.ZodType>;

/** Every key of a configuration, with its type, default and meaning: parser, environment names and documentation come from here. */
export const settingsSchema: z.ZodType<RawSettings> = z.strictObject(shape);
