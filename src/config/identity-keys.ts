import { enforcements, issuerFormats } from './choices.ts';
import { keyWithDefault, mapKey, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawDownstreamMtls, RawIdentitySettings } from './raw-settings.ts';
import { revocationSchema } from './revocation-keys.ts';
import { eitherOf, keysOf, listOf, mapOf, number, text, texts, truth } from './schema.ts';

const downstreamMtlsKeys: KeySchemas<RawDownstreamMtls> = {
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
  max_verify_depth: keyWithDefault(number, 1, {
    description: 'How many CA certificates may stand above the client certificate; 0: any number.',
  }),
  crl: optionalKey(text, { description: 'Revocation lists of these CAs: PEM as it is, or PEM or DER in base64.' }),
  crl_file: optionalKey(text, { description: 'A file with the same: PEM or DER, up to 256 MiB.' }),
  match_subject_alt_names: optionalKey(listOf(mapOf(text)), {
    description:
      'A list of maps with one key each, `dns`, `email`, `ip_address`, `uri` or `user_principal_name`, and an RE2 expression for the ' +
      'whole of such a name. A client certificate must have a name that one of them matches.',
  }),
  send_ca_names: keyWithDefault(truth, true, {
    description:
      'Whether the handshake names the CAs whose certificates are wanted, so that browsers offer only those. `false`: nobody learns which CAs ' +
      'count, and browsers offer every certificate.',
  }),
  allow_partial_chain: keyWithDefault(truth, true, {
    description:
      'Whether an intermediate CA of the CA file is trusted by itself. `false`: a certificate counts only on a path to a self-signed CA of the file.',
  }),
  require_client_auth_eku: keyWithDefault(truth, false, {
    description: 'Whether a client certificate without any extended key usage is refused; with one, `clientAuth` is always wanted.',
  }),
  certificate_denied_status: keyWithDefault(number, 495, {
    description: 'The status of a refusal because of the client certificate, where the route does not say: 495, 401 or 403.',
  }),
  revocation: optionalKey(revocationSchema, {
    description:
      'Where it is looked up whether a client certificate was revoked, and what silence means; its keys follow below. Absent: their defaults, so ' +
      'lists in `crl_file` count.',
    examples: ['{mode: strict, sources: [crl_file]}'],
  }),
};

/** What upstreams are told of people, and which client certificates count. */
export const identityKeys: KeySchemas<RawIdentitySettings> = {
  signing_key: optionalKey(text, {
    description:
      'The private key that signs assertions: PEM, in base64 or as it is. Of several the first signs and all are published. ' +
      'Absent: derived from `shared_secret`.',
    writeOnly: true,
  }),
  signing_key_file: optionalKey(text, { description: 'A file with the same.' }),
  jwt_claims_headers: optionalKey(eitherOf(text, texts, mapOf(text)), {
    description: 'Claims that upstreams get as headers: a map of header and claim, or a list of claims for `x-pomerium-claim-…`.',
  }),
  jwt_issuer_format: keyWithDefault(text, 'hostOnly', {
    description: 'How assertions name their issuer, where the route does not say. `hostOnly`: `host`. `uri`: `https://host/`.',
    enum: issuerFormats,
  }),
  pass_identity_headers: keyWithDefault(truth, false, {
    description: 'Whether upstreams are told who is asking, where the route does not say.',
  }),
  client_ca: optionalKey(text, { description: 'Older spelling of `downstream_mtls.ca`.', deprecated: true }),
  client_ca_file: optionalKey(text, { description: 'Older spelling of `downstream_mtls.ca_file`.', deprecated: true }),
  client_crl: optionalKey(text, { description: 'Older spelling of `downstream_mtls.crl`.', deprecated: true }),
  client_crl_file: optionalKey(text, { description: 'Older spelling of `downstream_mtls.crl_file`.', deprecated: true }),
  downstream_mtls: mapKey(keysOf(downstreamMtlsKeys), {
    description: 'Client certificates, for every route without CAs of its own; its keys follow below.',
  }),
};
