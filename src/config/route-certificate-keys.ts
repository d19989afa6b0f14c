import { certificateIdentitiesSchema, passedCertificatesSchema } from './certificate-keys.ts';
import { authentications, certificateModes } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { RawFixedIdentity, RawRouteCertificateSettings } from './raw-certificate-settings.ts';
import type { KeySchemas } from './raw-settings.ts';
import { revocationSchema } from './revocation-keys.ts';
import { eitherOf, keysOf, number, text, texts, truth } from './schema.ts';

const fixedIdentityKeys: KeySchemas<RawFixedIdentity> = {
  user: optionalKey(text, { description: 'Required. The user id, taken literally.' }),
  email: optionalKey(text, { description: 'The e-mail address. Absent: none.' }),
  name: optionalKey(text, { description: 'The name. Absent: none.' }),
  groups: optionalKey(texts, { description: 'The groups. Absent: none.' }),
};

const fixedIdentity = keysOf(fixedIdentityKeys);

/** What one route says of client certificates, beside the CAs it accepts. */
export const routeCertificateKeys: KeySchemas<RawRouteCertificateSettings> = {
  client_certificate_mode: optionalKey(text, {
    description:
      '`required`: a request without a valid client certificate is refused, whatever the policy says. `optional`: none is fine, an invalid one is ' +
      'refused. `none`: no certificate is asked for. Absent: as `enforcement` says, and `optional` with `authentication: either`.',
    enum: certificateModes,
  }),
  certificate_denied_status: optionalKey(number, {
    description: 'The status of a refusal because of the client certificate: 495, 401 or 403. Absent: that of `downstream_mtls`.',
  }),
  client_certificate_revocation: optionalKey(revocationSchema, {
    description: 'Like `downstream_mtls.revocation`, and instead of it as a whole: a key that is left out has its default.',
    examples: ['{mode: strict, sources: [crl_file]}'],
  }),
  authentication: keyWithDefault(text, 'session', {
    description:
      'Who is asking. `session`: whoever signed in. `client_certificate`: whoever the certificate stands for, and nobody is sent to sign in. `either`: ' +
      'the certificate where it stands for somebody, or else the session. `both`: whoever signed in, with a certificate of the same person.',
    enum: authentications,
  }),
  certificate_identities: optionalKey(certificateIdentitiesSchema, {
    description: 'Who a client certificate stands for on this route, instead of the global `certificate_identities`.',
  }),
  anonymous_identity: optionalKey(fixedIdentity, {
    description:
      'Who is asking where no certificate says it: there is none, an invalid one, or one that no rule maps. Only with `authentication` ' +
      '`client_certificate` or `either`.',
    examples: ['{user: anonymous}'],
  }),
  default_identity: optionalKey(fixedIdentity, {
    description:
      'Who is asking with a valid certificate that no rule maps. Only with `authentication` `client_certificate` or `either`; counts before ' +
      '`anonymous_identity`.',
    examples: ['{user: device}'],
  }),
  bind_session_to_certificate: optionalKey(eitherOf(truth, text), {
    description: 'What a session is tied to on this route. Absent: the global `bind_session_to_certificate`.',
    examples: ['true'],
  }),
  pass_client_certificate: optionalKey(passedCertificatesSchema, {
    description: 'The headers that tell the upstream the client certificate. Absent: the global `pass_client_certificate`; `[]`: none.',
    examples: ['[rfc9440]'],
  }),
};
