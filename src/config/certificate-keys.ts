import { acceptedDialects, certificateDialects, groupSources, identitySources, identityTargets } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type {
  RawAcceptedCertificate,
  RawCertificateIdentity,
  RawCertificateLink,
  RawCertificateSettings,
  RawNamedAuthority,
  RawPassedCertificate,
} from './raw-certificate-settings.ts';
import type { KeySchemas } from './raw-settings.ts';
import type { Schema } from './schema.ts';
import { eitherOf, keysOf, listOf, number, text, texts, truth } from './schema.ts';

const identityKeys: KeySchemas<RawCertificateIdentity> = {
  name: optionalKey(text, {
    description: 'Required, `linked` where `from` is. What log and `explain` call the rule, and a part of the user ids it gives out.',
  }),
  ca: optionalKey(text, {
    description:
      'Only certificates of these CAs, compared by key and never by name: a PEM bundle, in base64 or as it is. Absent: of every CA that the route ' +
      'accepts.',
  }),
  ca_file: optionalKey(text, { description: 'A file with the same.' }),
  from: optionalKey(text, {
    description:
      'Required. What of the certificate says who it is; it has to be there exactly once. `linked`: the account that the certificate was linked to.',
    enum: identitySources,
  }),
  match: optionalKey(text, {
    description: 'An RE2 expression for the whole value. With a capture group the value is what that captures; more than one is an error.',
  }),
  to: optionalKey(text, {
    description:
      'What the value is. `email`: an e-mail address, which needs `domains`, or a `match` that ends in `@` and a domain. `user`, the default: a user id.',
    enum: identityTargets,
  }),
  domains: optionalKey(texts, { description: 'The domains that e-mail addresses of this rule may have; any other is not mapped.' }),
  same_users_as_provider: optionalKey(truth, {
    description:
      'Whether the user id is the bare value, as the identity provider has it. `false`, the default: it is `certificate/<name of the rule>/<value>`, so ' +
      'that no CA can name somebody of the provider.',
  }),
  groups: optionalKey(texts, { description: 'The groups of everybody whom the rule maps. Not beside `groups_from`.' }),
  groups_from: optionalKey(text, {
    description: 'What of the certificate names the groups, all of its values. Needs `allowed_groups`.',
    enum: groupSources,
  }),
  groups_match: optionalKey(text, {
    description: 'Like `match`, for each value of `groups_from`; values that it does not match are left out.',
  }),
  allowed_groups: optionalKey(texts, { description: 'The groups that `groups_from` may give out; others are dropped.' }),
  name_from: optionalKey(text, {
    description: 'What of the certificate is the name of the person, one of the values of `from` but `linked`. Absent: there is none.',
  }),
};

/** `certificate_identities`, at the top level and of a route. */
export const certificateIdentitiesSchema: Schema<readonly RawCertificateIdentity[]> = listOf(keysOf(identityKeys));

const linkKeys: KeySchemas<RawCertificateLink> = {
  subject_name: optionalKey(text, {
    description: 'Required. A subject alternative name of the certificate; its common name where it has none.',
  }),
  ca: optionalKey(text, {
    description: 'Only certificates of these CAs, compared by key: a PEM bundle, in base64 or as it is. Absent: of every CA that counts.',
  }),
  ca_file: optionalKey(text, { description: 'A file with the same.' }),
  user: optionalKey(text, { description: 'The user id of the account. `user` or `email` is required.' }),
  email: optionalKey(text, { description: 'The e-mail address of the account.' }),
};

const authorityKeys: KeySchemas<RawNamedAuthority> = {
  name: optionalKey(text, { description: 'Required. What policies call it.' }),
  file: optionalKey(text, { description: 'Required. A file with its certificate in PEM, or with several.' }),
};

const acceptedKeys: KeySchemas<RawAcceptedCertificate> = {
  dialect: optionalKey(text, { description: 'Required. How the proxy writes certificates into headers.', enum: acceptedDialects }),
  from: optionalKey(texts, { description: 'Required. The addresses of the proxy, or CIDR networks.' }),
};
const acceptedSchema = keysOf(acceptedKeys);

const passedKeys: KeySchemas<RawPassedCertificate> = {
  dialect: optionalKey(text, { description: 'Required. How the certificate is written into headers.', enum: certificateDialects }),
  chain: optionalKey(truth, {
    description:
      'Whether the further certificates of the chain go along, where the dialect has a place for them. Absent: only with `rfc9440`.',
  }),
  max_bytes: keyWithDefault(number, 8_192, {
    description: 'How long any one of its headers may be, name and value in bytes; a request that would need more is answered 431.',
  }),
};

/** `pass_client_certificate`, at the top level and of a route. */
export const passedCertificatesSchema: Schema<readonly (string | RawPassedCertificate)[]> = listOf(eitherOf(text, keysOf(passedKeys)));

/** Certificates as identities: who they stand for, where people link them, and how proxies pass them on. */
export const certificateKeys: KeySchemas<RawCertificateSettings> = {
  certificate_identities: optionalKey(certificateIdentitiesSchema, {
    description:
      'Who a client certificate stands for: a list of rules, whose first that yields a value counts; the keys of an entry follow below. Routes look at ' +
      'it according to their `authentication`.',
  }),
  certificate_links: optionalKey(listOf(keysOf(linkKeys)), {
    description: 'Accounts of certificates, by hand, for the rule `from: linked`: a list whose keys follow below.',
  }),
  client_certificate_authorities: optionalKey(listOf(keysOf(authorityKeys)), {
    description: 'Names for CAs, for the key `ca` of the criterion `client_certificate`: a list of `name` and `file`.',
  }),
  accept_client_certificate: optionalKey(eitherOf(acceptedSchema, listOf(acceptedSchema)), {
    description:
      'Proxies in front that end TLS and say in headers which certificate was presented: `dialect` and `from`, or a list of such maps. From their ' +
      'addresses only the header counts, from all others it is removed; the certificate is judged as if it had been presented.',
    examples: ['{dialect: xfcc, from: [10.0.0.0/8]}'],
  }),
  certificate_sign_in_url: optionalKey(text, {
    description:
      'The `https://` URL of a host of its own, without a route, where people link client certificates to their account and sign in with one. Absent: ' +
      'nowhere.',
  }),
  sign_in_methods: keyWithDefault(texts, ['idp'], {
    description:
      'What the sign-in page offers: `idp`, and besides `client_certificate`, which needs `certificate_sign_in_url`, a client CA and ' +
      '`certificate_identities`.',
  }),
  bind_session_to_certificate: optionalKey(eitherOf(truth, text), {
    description:
      'What a session is tied to when it is made, where the route does not say. `true`: it works only over connections with that very client certificate. ' +
      '`spki`: with that key. `identity`: with a certificate of that person. `false`, the default: over every connection.',
    examples: ['true'],
  }),
  pass_client_certificate: optionalKey(passedCertificatesSchema, {
    description:
      'The headers that tell the upstream the client certificate, once it is judged valid, where the route does not say: a list of ' +
      `${certificateDialects.join(', ')}, or of maps whose keys follow below.`,
    examples: ['[rfc9440]'],
  }),
};
