import { providerKinds, sameSites } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawSignInSettings } from './raw-settings.ts';
import { eitherOf, mapOf, text, texts, truth } from './schema.ts';

/** How people sign in, and what remembers them. */
export const signInKeys: KeySchemas<RawSignInSettings> = {
  authenticate_service_url: optionalKey(text, {
    description: 'The `https://` URL of the host on which people sign in. Required as soon as one route can send somebody to sign in.',
  }),
  signout_redirect_url: optionalKey(text, { description: 'Where people go after they signed out. Absent: a page that says so.' }),
  programmatic_redirect_domain_whitelist: keyWithDefault(texts, ['localhost'], {
    description: 'Hosts to which a programmatic login may return; `localhost` stands for every loopback name and address.',
  }),
  idp_provider: optionalKey(text, {
    description: 'The kind of identity provider. Required like `authenticate_service_url`.',
    enum: providerKinds,
  }),
  idp_provider_url: optionalKey(text, {
    description:
      'The issuer of the OpenID provider, `https://`; `http://` for loopback hosts only. `google`, `gitlab` and `azure` have defaults.',
  }),
  idp_client_id: optionalKey(text, { description: "Postern's name at the provider." }),
  idp_client_secret: optionalKey(text, { description: "Postern's password at the provider.", writeOnly: true }),
  idp_client_secret_file: optionalKey(text, { description: 'A file with the same.' }),
  idp_scopes: optionalKey(eitherOf(text, texts), {
    description:
      'The scopes to ask for, instead of those of the provider listed below; a list, or a text with commas or blanks. ' +
      '`openid` must be one of them.',
  }),
  idp_request_params: optionalKey(mapOf(text), {
    description: 'Parameters of the request that sends somebody to the provider, instead of those of the provider listed below.',
    writeOnly: true,
  }),
  shared_secret: optionalKey(eitherOf(text, texts), {
    description:
      'Base64 of 32 bytes, from which other keys are derived; or a list, whose first seals and signs, and all of which open and verify. ' +
      'Absent: made at random and kept in `state_directory`.',
    writeOnly: true,
  }),
  shared_secret_file: optionalKey(text, { description: 'A file with the same, one on each line.' }),
  cookie_name: keyWithDefault(text, '_pomerium', {
    description: 'The name of the session cookie; the names of further cookies begin with it.',
  }),
  cookie_secret: optionalKey(eitherOf(text, texts), {
    description:
      'Base64 of 32 bytes, which seal the cookies of the authenticate host; or a list, as for `shared_secret`. ' +
      'Absent: made at random and kept in `state_directory`.',
    writeOnly: true,
  }),
  cookie_secret_file: optionalKey(text, { description: 'A file with the same, one on each line.' }),
  cookie_domain: optionalKey(text, {
    description: 'The domain whose hosts share one session cookie. Absent: each host has its own.',
  }),
  cookie_http_only: keyWithDefault(truth, true, { description: 'Whether scripts are kept from reading the cookie.' }),
  cookie_expire: keyWithDefault(text, '14h', { description: 'How long cookie and session last at most.', examples: ['14h'] }),
  cookie_same_site: optionalKey(text, {
    description: 'The `SameSite` attribute of the session cookie. Absent: the attribute is not sent.',
    enum: sameSites,
  }),
};
