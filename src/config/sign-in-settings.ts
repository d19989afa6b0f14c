import { parseHostname } from '../http/hostname.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { providerPresets } from './provider-presets.ts';
import { readProvider } from './provider-settings.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import { parseWebAddress } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { AuthenticateSettings, Settings } from './settings.ts';

type SignInSettings = Pick<Settings, 'authenticate' | 'identityProvider' | 'signOutRedirectUrl' | 'programmaticRedirectDomains'>;

/** Where people sign in and with which provider; all of it is required as soon as `neededBy` names a route that sends people there. */
export function readSignIn(reading: Reading, raw: RawSettings, neededBy: SettingPath | undefined): SignInSettings {
  const identityProvider = readProvider(reading, raw);
  const authenticate = readAuthenticate(reading, raw.authenticate_service_url);
  if (neededBy !== undefined) tellMissing(reading, raw, neededBy);
  return {
    authenticate,
    identityProvider,
    signOutRedirectUrl: readSignOutRedirect(reading, raw.signout_redirect_url),
    programmaticRedirectDomains: readRedirectDomains(reading, raw.programmatic_redirect_domain_whitelist),
  };
}

const required: readonly (readonly [key: keyof RawSettings, advice: string])[] = [
  ['authenticate_service_url', 'the https:// URL of the host on which people sign in'],
  ['idp_provider', 'oidc, or the name of the provider'],
  ['idp_provider_url', 'the issuer URL of the OpenID provider'],
  ['idp_client_id', 'the client id that the provider knows Postern by'],
  ['idp_client_secret', 'the client secret, or idp_client_secret_file'],
];

function tellMissing(reading: Reading, raw: RawSettings, neededBy: SettingPath): void {
  for (const [key, advice] of required) {
    const isThere = raw[key] !== undefined || reading.isRefused([key]);
    const isInFile =
      key === 'idp_client_secret' && (raw.idp_client_secret_file !== undefined || reading.isRefused(['idp_client_secret_file']));
    if (isThere || isInFile || (key === 'idp_provider_url' && hasDefaultUrl(raw.idp_provider))) continue;
    reading.error([], `${key} is missing, and ${writePath(neededBy)} sends people to sign in: write ${advice}`, { code: 'missing-key' });
  }
}

function hasDefaultUrl(provider: string | undefined): boolean {
  const presets = new Map<string, { readonly url: string | undefined }>(Object.entries(providerPresets));
  return presets.get(provider?.toLowerCase() ?? '')?.url !== undefined;
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

/** Any page of the web. With a query if need be, which `parseWebAddress` does not take. */
function readSignOutRedirect(reading: Reading, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const address = parseWebAddress(text.replace(/[?#][^\s\\]*$/, ''));
  if (address !== undefined) return new URL(text);
  reading.error(
    ['signout_redirect_url'],
    `signout_redirect_url ${quoteValue(text)} is no page to go to: write it in full, like https://www.corp.example/`,
  );
  return undefined;
}

function readRedirectDomains(reading: Reading, written: readonly string[]): readonly string[] {
  const key = 'programmatic_redirect_domain_whitelist';
  return written.flatMap((text, index) => {
    const hostname = parseHostname(text);
    if (hostname !== undefined) return [hostname];
    reading.error(
      [key, index],
      `${key}[${index}] ${quoteValue(text)} is no host: write a name without scheme, port or *, like cli.corp.example`,
    );
    return [];
  });
}
