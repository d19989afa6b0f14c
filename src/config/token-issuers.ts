import type { SignatureAlgorithm, TokenIssuerSettings } from './bearer-settings.ts';
import { signatureAlgorithms } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawBearerSettings, RawTokenIssuer } from './raw-settings.ts';
import { either, parseWebAddress } from './read-value.ts';
import type { Reading } from './reading.ts';

/** Whose signed tokens count, besides those of the identity provider; an entry that can't be read is left out, with a problem told. */
export function readTokenIssuers(
  reading: Reading,
  { identity_providers: written = {} }: RawBearerSettings,
): readonly TokenIssuerSettings[] {
  const issuers = Object.entries(written).flatMap(([name, raw]) => readTokenIssuer(reading, name, raw) ?? []);
  tellTwice(reading, issuers);
  return issuers;
}

// A slash would let `a/b` of one issuer be `b` of another: the user id is the name, a slash, and the subject.
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
// User ids that begin so belong to people who are known by a certificate.
const reservedName = 'certificate';

function readTokenIssuer(reading: Reading, name: string, raw: RawTokenIssuer): TokenIssuerSettings | undefined {
  const path = ['identity_providers', name];
  const isNamed = plainName.test(name) && name !== reservedName;
  if (!isNamed) {
    const message = `identity_providers has the name ${quoteValue(name)}: write letters, digits, dots and dashes, and not "${reservedName}", because user ids begin with it`;
    reading.error(path, message, { part: 'key' });
  }
  const issuer = readIssuer(reading, [...path, 'issuer'], raw.issuer);
  const jwksUrl = readKeysUrl(reading, [...path, 'jwks_url'], raw.jwks_url);
  const algorithms = readAlgorithms(reading, [...path, 'supported_algs'], raw.supported_algs);
  const audiences = readAudiences(reading, [...path, 'audiences'], raw.audiences);
  if (!isNamed || issuer === undefined || audiences === undefined) return undefined;
  return { name, issuer, jwksUrl, algorithms, audiences };
}

function readIssuer(reading: Reading, path: SettingPath, text: string | undefined): string | undefined {
  if (text === undefined) {
    tellMissing(reading, path, 'the iss of its tokens, like https://issuer.example');
    return undefined;
  }
  if (text.startsWith('kubernetes:')) {
    const message = `${writePath(path)} ${quoteValue(text)} is not supported yet: write the issuer of the cluster, as its tokens name it, and jwks_url`;
    reading.error(path, message, { code: 'not-supported-yet' });
    return undefined;
  }
  return isTrustworthy(reading, path, text) ? text : undefined;
}

function readKeysUrl(reading: Reading, path: SettingPath, text: string | undefined): URL | undefined {
  return text !== undefined && isTrustworthy(reading, path, text) ? new URL(text) : undefined;
}

/** Keys that came in the clear could be anybody's. A query is part of some addresses. */
function isTrustworthy(reading: Reading, path: SettingPath, text: string): boolean {
  const address = parseWebAddress(text.replace(/\?[^\s#\\]*$/, ''));
  if (address !== undefined && (address.scheme === 'https' || isLoopback(address.hostname))) return true;
  const advice = address === undefined ? 'is no web address: write it in full, like https://issuer.example' : 'must be https://';
  reading.error(
    path,
    `${writePath(path)} ${quoteValue(text)} ${advice}${address === undefined ? '' : ', only one on this machine may do without'}`,
  );
  return false;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function readAlgorithms(reading: Reading, path: SettingPath, written: readonly string[]): readonly SignatureAlgorithm[] {
  if (written.length === 0) reading.error(path, `${writePath(path)} is empty: write ${either(signatureAlgorithms)}, or leave it out`);
  return written.flatMap((text, index) => {
    const found = signatureAlgorithms.find((algorithm) => algorithm === text);
    if (found === undefined) reading.error([...path, index], `${writePath([...path, index])} ${quoteValue(text)} ${whyNot(text)}`);
    return found ?? [];
  });
}

function whyNot(text: string): string {
  if (/^none$/i.test(text)) return 'would let anybody write tokens: it is no signature';
  if (/^hs\d+$/i.test(text)) return 'is refused: whoever can check such a signature can make one';
  return `is no signature that counts: write ${either(signatureAlgorithms)}`;
}

function readAudiences(reading: Reading, path: SettingPath, written: readonly string[] | undefined): readonly string[] | undefined {
  if (written !== undefined && written.length > 0 && !written.includes('')) return written;
  if (written === undefined) tellMissing(reading, path, 'the audiences that tokens for you are made out to');
  else reading.error(path, `${writePath(path)} names no audience: write those that tokens for you are made out to`);
  return undefined;
}

function tellMissing(reading: Reading, path: SettingPath, advice: string): void {
  if (!reading.isRefused(path)) reading.error(path.slice(0, -1), `${writePath(path)} is missing: write ${advice}`, { code: 'missing-key' });
}

/** A token says who issued it, and not under which name it is to count. */
function tellTwice(reading: Reading, issuers: readonly TokenIssuerSettings[]): void {
  for (const [index, { name, issuer }] of issuers.entries()) {
    const before = issuers.slice(0, index).find((other) => other.issuer === issuer);
    if (before === undefined) continue;
    const path = ['identity_providers', name, 'issuer'];
    const message = `${writePath(path)} ${quoteValue(issuer)} is that of ${before.name} as well: one issuer has one name`;
    reading.error(path, message, { code: 'conflicting-keys' });
  }
}
