import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { AcceptedCertificate, AcceptedDialect } from './certificate-header-settings.ts';
import { acceptedDialects, certificateDialects } from './choices.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import { quoteValue } from './quote-value.ts';
import type { RawAcceptedCertificate, RawCertificateSettings } from './raw-certificate-settings.ts';
import { either, findChoice, readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';

/** `accept_client_certificate`, one map or a list of them; an entry that can't be read is left out, with a problem told. */
export function readAcceptedCertificates(
  reading: Reading,
  { accept_client_certificate: written }: RawCertificateSettings,
): readonly AcceptedCertificate[] {
  const top: SettingPath = ['accept_client_certificate'];
  if (written === undefined) return [];
  if (!isList(written)) return readEntry(reading, written, top)?.accepted ?? [];
  const read = written.flatMap((entry, index) => {
    const path = [...top, index];
    return reading.isRefused(path) ? [] : (readEntry(reading, entry, path) ?? []);
  });
  tellShared(
    reading,
    read.flatMap(({ networks }) => networks),
  );
  return read.flatMap(({ accepted }) => accepted);
}

interface ReadEntry {
  readonly accepted: readonly AcceptedCertificate[];
  readonly networks: readonly Network[];
}

interface Network {
  readonly path: SettingPath;
  readonly dialect: AcceptedDialect | undefined;
  readonly text: string;
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function readEntry(reading: Reading, { dialect: text, from }: RawAcceptedCertificate, path: SettingPath): ReadEntry | undefined {
  const dialect = readDialect(reading, [...path, 'dialect'], text);
  const place = [...path, 'from'];
  if (from === undefined && !reading.isRefused(place))
    reading.error(path, `${writePath(place)} is missing: write the addresses of the proxy, like [10.0.0.5]`, { code: 'missing-key' });
  if (from?.length === 0) reading.error(place, `${writePath(place)} is empty: write the addresses of the proxy, like [10.0.0.5]`);
  const networks = (from ?? []).flatMap((each, index) => readNetwork(reading, each, [...place, index], dialect) ?? []);
  if (dialect === undefined || networks.length === 0) return undefined;
  return { accepted: [{ dialect, from: networks.map((network) => network.text) }], networks };
}

function readDialect(reading: Reading, path: SettingPath, text: string | undefined): AcceptedDialect | undefined {
  if (text === undefined) {
    const advice = `write how the proxy writes certificates, ${either(acceptedDialects)}`;
    if (!reading.isRefused(path)) reading.error(path.slice(0, -1), `${writePath(path)} is missing: ${advice}`, { code: 'missing-key' });
    return undefined;
  }
  const dialect = findChoice(path, { text, words: acceptedDialects });
  if (dialect !== undefined || findChoice(path, { text, words: certificateDialects }) === undefined)
    return dialect ?? readChoice(reading, path, { text, words: acceptedDialects });
  const message = `${writePath(path)} ${quoteValue(text)} is only written, and not read: write ${either(acceptedDialects)}`;
  reading.error(path, message);
  return undefined;
}

/** An address, or a network with its length. Everybody is refused: a certificate is no secret, so anybody could be anyone then. */
function readNetwork(reading: Reading, text: string, path: SettingPath, dialect: AcceptedDialect | undefined): Network | undefined {
  const network = parseNetwork(text);
  if (network === undefined) {
    reading.error(
      path,
      `${writePath(path)} ${quoteValue(text)} is no address and no network: write something like 10.0.0.5, 10.0.0.0/8 or fd00::/8`,
    );
    return undefined;
  }
  if (network.prefix > 0) return { ...network, path, dialect, text };
  reading.error(
    path,
    `${writePath(path)} ${quoteValue(text)} is every address: certificates are public, so write those of the proxy alone`,
  );
  return undefined;
}

function parseNetwork(text: string): Pick<Network, 'address' | 'prefix' | 'family'> | undefined {
  const [, address = '', digits] = /^([0-9a-fA-F:.]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const bits = isIPv4(address) ? 32 : 128;
  if (!isIPv4(address) && !isIPv6(address)) return undefined;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix > bits ? undefined : { address, prefix, family: bits === 32 ? 'ipv4' : 'ipv6' };
}

/** Of a peer with two dialects nobody would know which header speaks. */
function tellShared(reading: Reading, networks: readonly Network[]): void {
  for (const [index, network] of networks.entries()) {
    const before = networks.slice(0, index).find((other) => other.dialect !== network.dialect && overlap(other, network));
    if (before === undefined) continue;
    const message = `${writePath(network.path)} ${quoteValue(network.text)} shares addresses with ${writePath(before.path)} ${quoteValue(before.text)}${reading.mention(before.path)}: one proxy writes one dialect`;
    reading.error(network.path, message, { code: 'conflicting-keys' });
  }
}

/** Two networks share an address when the longer one begins in the shorter one. */
function overlap(one: Network, other: Network): boolean {
  const [wide, narrow] = one.prefix <= other.prefix ? [one, other] : [other, one];
  if (wide.family !== narrow.family) return false;
  const list = new BlockList();
  list.addSubnet(wide.address, wide.prefix, wide.family);
  return list.check(narrow.address, narrow.family);
}

// Array.isArray forgets that the list is readonly.
function isList(written: RawAcceptedCertificate | readonly RawAcceptedCertificate[]): written is readonly RawAcceptedCertificate[] {
  return Array.isArray(written);
}
