import { providerKinds } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import { parseWebAddress, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { Secret } from './secret.ts';
import type { AuthenticateSettings, IdentityProviderSettings } from './settings.ts';
import { readPassword } from './written-text.ts';

export interface SignInSettings {
  readonly authenticate: AuthenticateSettings | undefined;
  readonly identityProvider: IdentityProviderSettings | undefined;
}

/** Where people sign in and with which provider; all of it is required as soon as `neededBy` names a route that sends people there. */
export function readSignIn(reading: Reading, raw: RawSettings, neededBy: SettingPath | undefined): SignInSettings {
  const kind = readProviderKind(reading, raw.idp_provider);
  const issuer = readIssuer(reading, raw.idp_provider_url);
  const clientId = readClientId(reading, raw.idp_client_id);
  const secret = readPassword(reading, { path: ['idp_client_secret'], inline: raw.idp_client_secret, file: raw.idp_client_secret_file });
  const scopes = readScopes(reading, raw.idp_scopes);
  const authenticate = readAuthenticate(reading, raw.authenticate_service_url);
  if (neededBy !== undefined) tellMissing(reading, raw, neededBy);
  if (kind === undefined || issuer === undefined || clientId === undefined || secret === undefined) {
    return { authenticate, identityProvider: undefined };
  }
  return { authenticate, identityProvider: { kind, issuer, clientId, clientSecret: new Secret(secret), scopes } };
}

const required: readonly (readonly [key: keyof RawSettings, advice: string])[] = [
  ['authenticate_service_url', 'the https:// URL of the host on which people sign in'],
  ['idp_provider', 'oidc'],
  ['idp_provider_url', 'the issuer URL of the OpenID provider'],
  ['idp_client_id', 'the client id that the provider knows Postern by'],
  ['idp_client_secret', 'the client secret, or idp_client_secret_file'],
];

function tellMissing(reading: Reading, raw: RawSettings, neededBy: SettingPath): void {
  for (const [key, advice] of required) {
    const isThere = raw[key] !== undefined || reading.isRefused([key]);
    const isInFile =
      key === 'idp_client_secret' && (raw.idp_client_secret_file !== undefined || reading.isRefused(['idp_client_secret_file']));
    if (!isThere && !isInFile) reading.error([], `${key} is missing, and ${writePath(neededBy)} sends people to sign in: write ${advice}`);
  }
}

// Providers that Pomerium knows by name. Each has defaults of its own, so none is quietly taken for plain OpenID Connect.
const namedProviders = ['apple', 'auth0', 'azure', 'cognito', 'github', 'gitlab', 'google', 'hosted', 'okta', 'onelogin', 'ping'];

function readProviderKind(reading: Reading, text: string | undefined): 'oidc' | undefined {
  if (text === undefined) return undefined;
  if (namedProviders.includes(text.toLowerCase())) {
    reading.error(
      ['idp_provider'],
      `idp_provider ${quoteValue(text)} is not supported yet: write oidc, and its issuer as idp_provider_url`,
    );
    return undefined;
  }
  return readChoice(reading, ['idp_provider'], { text, words: providerKinds });
}

function readIssuer(reading: Reading, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const address = parseWebAddress(text);
  if (address === undefined) {
    reading.error(
      ['idp_provider_url'],
      `idp_provider_url ${quoteValue(text)} is no issuer: write https://host, with a path if the provider has one`,
    );
    return undefined;
  }
  if (address.scheme === 'http' && !isLoopback(address.hostname)) {
    reading.error(
      ['idp_provider_url'],
      `idp_provider_url ${quoteValue(text)} must be https://, only a provider on this machine may do without`,
    );
    return undefined;
  }
  return address.url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function readAuthenticate(reading: Reading, text: string | undefined): AuthenticateSettings | undefined {
  if (text === undefined) return undefined;
  const address = parseWebAddress(text);
  if (address?.scheme === 'https' && (address.path === '' || address.path === '/')) {
    return { url: address.url, hostname: address.hostname };
  }
  reading.error(['authenticate_service_url'], `authenticate_service_url ${quoteValue(text)} must be https://host, without a path`);
  return undefined;
}

function readClientId(reading: Reading, text: string | undefined): string | undefined {
  if (text !== undefined && text.trim() === '') {
    reading.error(['idp_client_id'], 'idp_client_id is empty');
    return undefined;
  }
  return text;
}

// RFC 6749 section 3.3.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

function readScopes(reading: Reading, scopes: readonly string[]): readonly string[] {
  for (const [index, scope] of scopes.entries()) {
    if (!scopeToken.test(scope))
      reading.error(['idp_scopes', index], `idp_scopes[${index}] ${quoteValue(scope)} is no scope: write each scope as an entry`);
  }
  if (!scopes.includes('openid'))
    reading.error(['idp_scopes'], 'idp_scopes must hold openid: without it the provider does not say who signed in');
  return scopes;
}
