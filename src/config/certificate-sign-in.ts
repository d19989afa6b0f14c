import type { CertificateDefaults } from './certificate-defaults.ts';
import { signInMethods } from './choices.ts';
import type { CertificateSettings } from './downstream-mtls-settings.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawSettings } from './raw-settings.ts';
import { parseWebAddress, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { AuthenticateSettings, RouteSettings } from './settings.ts';
import { tellNoEffect } from './tell-no-effect.ts';

type CertificateSignIn = Pick<CertificateSettings, 'certificateSignIn' | 'signInWithCertificate'>;

/** What the host of the certificates has to go with. */
export interface SignInSurroundings {
  readonly authenticate: AuthenticateSettings | undefined;
  readonly routes: readonly RouteSettings[];
  readonly defaults: CertificateDefaults;
}

const urlPath = ['certificate_sign_in_url'];
const methodsPath = ['sign_in_methods'];

/** Where certificates are linked and signed in with, and whether the sign-in page offers them. */
export function readCertificateSignIn(reading: Reading, raw: RawSettings, surroundings: SignInSurroundings): CertificateSignIn {
  const certificateSignIn = readAddress(reading, raw.certificate_sign_in_url);
  if (certificateSignIn !== undefined) tellTaken(reading, certificateSignIn, surroundings);
  const hasAuthority = surroundings.defaults.isAuthorityWritten || surroundings.routes.some(({ clientCa }) => clientCa !== undefined);
  if (certificateSignIn !== undefined && !hasAuthority)
    tellNoEffect(reading, urlPath, 'without a client CA: no certificate would be valid');
  const methods = raw.sign_in_methods.flatMap((text, index) => {
    return readChoice(reading, [...methodsPath, index], { text, words: signInMethods }) ?? [];
  });
  if (methods.length === raw.sign_in_methods.length && !methods.includes('idp'))
    reading.error(methodsPath, 'sign_in_methods must name idp: a certificate can be added to it, and not take its place');
  const signInWithCertificate = methods.includes('client_certificate');
  if (signInWithCertificate) {
    tellNeeds(reading, raw, { hasAuthority, hasIdentities: surroundings.defaults.areIdentitiesWritten });
    tellNamelessRules(reading, surroundings);
  }
  return { certificateSignIn, signInWithCertificate };
}

function readAddress(reading: Reading, text: string | undefined): AuthenticateSettings | undefined {
  if (text === undefined) return undefined;
  const address = parseWebAddress(text);
  if (address?.scheme === 'https' && (address.path === '' || address.path === '/')) return { url: address.url, hostname: address.hostname };
  reading.error(urlPath, `certificate_sign_in_url ${quoteValue(text)} must be https://host, without a path`);
  return undefined;
}

/** This host asks every browser for a certificate, so it can serve nothing that people meet on their way elsewhere. */
function tellTaken(reading: Reading, { hostname }: AuthenticateSettings, { authenticate, routes }: SignInSurroundings): void {
  const conflict = (message: string): void =>
    reading.error(urlPath, `certificate_sign_in_url ${quoteValue(hostname)} ${message}`, { code: 'conflicting-keys' });
  if (authenticate?.hostname === hostname)
    conflict(
      `is the host of authenticate_service_url${reading.mention(['authenticate_service_url'])} as well, which asks for no certificate: write a host of its own`,
    );
  const name: string = hostname;
  for (const { host, path } of routes) {
    if (host !== name) continue;
    const place = [...path, 'from'];
    conflict(`is the host of ${writePath(place)}${reading.mention(place)} as well: write a host of its own`);
  }
}

/** A rule without a CA is for those of all routes. Where each route has its own there are none: one of them would speak for people of the others. */
function tellNamelessRules(reading: Reading, { routes, defaults: { isAuthorityWritten, identities } }: SignInSurroundings): void {
  const authorities = new Set(routes.flatMap(({ clientCa }) => clientCa?.text ?? []));
  if (isAuthorityWritten || authorities.size < 2) return;
  for (const { name, ca, from, path } of identities) {
    if (ca !== undefined || from === 'linked') continue;
    const message = `${writePath(path)} has to name the CA that it is for: sign_in_methods has client_certificate, whoever signs in is signed in on every host, and routes have different CAs; write ca_file for the rule ${quoteValue(name)}, or ca_file in downstream_mtls`;
    reading.error(path, message, { code: 'missing-key' });
  }
}

function tellNeeds(
  reading: Reading,
  raw: RawSettings,
  { hasAuthority, hasIdentities }: Record<'hasAuthority' | 'hasIdentities', boolean>,
): void {
  const miss = (message: string): void =>
    reading.error(methodsPath, `sign_in_methods: client_certificate needs ${message}`, { code: 'missing-key' });
  if (raw.certificate_sign_in_url === undefined && !reading.isRefused(urlPath))
    miss('certificate_sign_in_url: write the https:// URL of a host of its own, which asks for certificates');
  if (!hasAuthority) miss('a client CA: write ca_file in downstream_mtls');
  if (!hasIdentities) miss('certificate_identities: write who a certificate stands for');
}
