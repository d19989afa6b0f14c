import { providerKinds } from './choices.ts';
import { quoteValue } from './quote-value.ts';
import { providerPresets } from './provider-presets.ts';
import type { RawSettings } from './raw-settings.ts';
import { parseWebAddress, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import { readRequestParams } from './request-params.ts';
import { Secret } from './secret.ts';
import type { IdentityProviderSettings, ProviderKind } from './settings.ts';
import { readPassword } from './written-text.ts';

/** The identity provider; undefined as soon as one of its parts is missing or wrong. Whether it is needed is not looked at here. */
export function readProvider(reading: Reading, raw: RawSettings): IdentityProviderSettings | undefined {
  const kind = readProviderKind(reading, raw.idp_provider);
  const issuer = readIssuer(reading, raw.idp_provider_url ?? defaultUrl(reading, kind));
  const clientId = readClientId(reading, raw.idp_client_id);
  const secret = readPassword(reading, { path: ['idp_client_secret'], inline: raw.idp_client_secret, file: raw.idp_client_secret_file });
  const scopes = readScopes(reading, raw.idp_scopes);
  const requestParams = readRequestParams(reading, raw.idp_request_params);
  if (kind === undefined || issuer === undefined || clientId === undefined || secret === undefined) return undefined;
  const preset = providerPresets[kind];
  const anyTenant = isForAnyTenant(issuer);
  if (anyTenant) warnOfAnyTenant(reading, issuer);
  return {
    anyTenant,
    kind,
    issuer,
    clientId,
    clientSecret: new Secret(secret),
    scopes: scopes ?? preset.scopes,
    requestParams: requestParams ?? preset.requestParams,
  };
}

// Providers of Pomerium that are more than OpenID Connect. None is quietly taken for it.
const otherProviders: Readonly<Record<string, string>> = {
  apple: 'it answers by POST and has no sign-out',
  github: 'it does not speak OpenID Connect',
  hosted: "it is Pomerium's own service",
};

function readProviderKind(reading: Reading, text: string | undefined): ProviderKind | undefined {
  if (text === undefined) return undefined;
  const lower = text.toLowerCase();
  if (!Object.hasOwn(otherProviders, lower)) return readChoice(reading, ['idp_provider'], { text, words: providerKinds });
  const message = `idp_provider ${quoteValue(text)} is not supported yet, because ${otherProviders[lower] ?? ''}`;
  reading.error(['idp_provider'], `${message}: write oidc, and the issuer of another provider as idp_provider_url`, {
    code: 'not-supported-yet',
  });
  return undefined;
}

/** A URL of the wrong type is not replaced by the default: who asks whom is not a thing to guess. */
function defaultUrl(reading: Reading, kind: ProviderKind | undefined): string | undefined {
  return kind === undefined || reading.isRefused(['idp_provider_url']) ? undefined : providerPresets[kind].url;
}

function readIssuer(reading: Reading, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const quoted = `idp_provider_url ${quoteValue(text)}`;
  const address = parseWebAddress(text);
  if (address === undefined) {
    reading.error(['idp_provider_url'], `${quoted} is no issuer: write https://host, with a path if the provider has one`);
    return undefined;
  }
  if (address.scheme === 'http' && !isLoopback(address.hostname)) {
    reading.error(['idp_provider_url'], `${quoted} must be https://, only a provider on this machine may do without`);
    return undefined;
  }
  return address.url;
}

const everyTenant = /^\/(?:common|organizations|consumers)(?:\/|$)/i;

/** By the address and not by the kind: with `oidc` the same issuer takes the same people. */
function isForAnyTenant({ hostname, pathname }: URL): boolean {
  return (
    /^login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn|windows\.net|microsoft\.com)$/.test(hostname) &&
    everyTenant.test(pathname)
  );
}

function warnOfAnyTenant(reading: Reading, { href }: URL): void {
  const message = `idp_provider_url ${quoteValue(href)} signs in people of every tenant of Azure: write the issuer of your own tenant, with its id`;
  reading.warning(['idp_provider_url'], message, 'any-tenant');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function readClientId(reading: Reading, text: string | undefined): string | undefined {
  if (text !== undefined && text.trim() === '') {
    reading.error(['idp_client_id'], 'idp_client_id is empty: write the client id that the provider knows Postern by');
    return undefined;
  }
  return text;
}

// RFC 6749 section 3.3.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

function readScopes(reading: Reading, written: RawSettings['idp_scopes']): readonly string[] | undefined {
  if (written === undefined) return undefined;
  const isText = typeof written === 'string';
  const scopes = isText ? written.split(/[\s,]+/).filter((scope) => scope !== '') : written;
  for (const [index, scope] of scopes.entries()) {
    if (scopeToken.test(scope)) continue;
    const place = isText ? ['idp_scopes'] : ['idp_scopes', index];
    reading.error(place, `idp_scopes[${index}] ${quoteValue(scope)} is no scope: write each scope as an entry`);
  }
  if (!scopes.includes('openid'))
    reading.error(['idp_scopes'], 'idp_scopes must hold openid: without it the provider does not say who signed in');
  return scopes;
}
