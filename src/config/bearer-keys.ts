import { bearerFormats, signatureAlgorithms } from './choices.ts';
import { keyWithDefault, optionalKey } from './key-schema.ts';
import type { KeySchemas, RawBearerSettings, RawRoute, RawTokenIssuer } from './raw-settings.ts';
import { keysOf, mapOf, text, texts } from './schema.ts';

const tokenIssuerKeys: KeySchemas<RawTokenIssuer> = {
  issuer: optionalKey(text, {
    description: 'Required. The `iss` of its tokens, character by character: `https://`, or `http://` for loopback hosts only.',
  }),
  jwks_url: optionalKey(text, {
    description: 'Where its public keys are. Absent: the discovery document under `issuer` names it.',
  }),
  supported_algs: keyWithDefault(texts, ['RS256', 'ES256', 'EdDSA'], {
    description: `The signatures that count, of ${signatureAlgorithms.join(', ')}.`,
  }),
  audiences: optionalKey(texts, { description: 'Required. One of them has to be in the `aud` of a token.' }),
};

/** Which bearer tokens say who is asking. */
export const bearerKeys: KeySchemas<RawBearerSettings> = {
  bearer_token_format: keyWithDefault(text, 'default', {
    description:
      'What `Authorization: Bearer` is, where the route does not say. `default`: nothing to Postern. `idp_access_token`, `idp_identity_token`: ' +
      'a token of the identity provider. `jwt`: a token of one of the `identity_providers`.',
    enum: bearerFormats,
  }),
  idp_access_token_allowed_audiences: optionalKey(texts, {
    description: 'Required for `idp_access_token`: one of them has to be an audience of the token. A route may have a list of its own.',
  }),
  identity_providers: optionalKey(mapOf(keysOf(tokenIssuerKeys)), {
    description: 'Required for `jwt`: a map of names and whose tokens count under them; the keys of an entry follow below.',
  }),
};

type RouteBearerKey = 'bearer_token_format' | 'idp_access_token_allowed_audiences' | 'identity_providers';

/** The same for one route. */
export const routeBearerKeys: Pick<KeySchemas<RawRoute>, RouteBearerKey> = {
  bearer_token_format: optionalKey(text, {
    description: 'What `Authorization: Bearer` is. Absent: the global `bearer_token_format`.',
    enum: bearerFormats,
  }),
  idp_access_token_allowed_audiences: optionalKey(texts, {
    description: 'One of them has to be an audience of an access token. Absent: the global list.',
  }),
  identity_providers: optionalKey(texts, {
    description: 'The names of those of the global `identity_providers` whose tokens count. Absent: all of them.',
  }),
};
