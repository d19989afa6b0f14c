import { isIP } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import { certificateFacts } from './certificate/certificate-facts.ts';
import type { GeneralName } from './certificate/general-name.ts';
import { isSecretKey } from './config/secret-keys.ts';
import type { Settings } from './config/settings.ts';
import type { Connection } from './http/connection.ts';
import type { HeaderList } from './http/header-list.ts';
import { headerValue, headerValues } from './http/header-list.ts';
import { canonicalAddress } from './listener/peer-address.ts';
import { isSecretName } from './observe/loggable.ts';
import type { LogValue } from './observe/request-record.ts';

/** What of a request further fields are read from, canonical or not. */
export interface LoggedRequest {
  readonly headers: HeaderList;
  /** With its leading `?`; empty where there is none, and for own endpoints, whose queries are how people sign in. */
  readonly query: string;
  readonly connection: Connection;
  readonly bytesSent: number;
}

export type LogFieldReader = (request: LoggedRequest) => Readonly<Record<string, LogValue>>;

/** Reads what the line of a request says beyond its usual fields; undefined where nothing was asked for, so that nothing is spent on it. */
export function compileLogFields({ logFields, forwardedFor }: Pick<Settings, 'logFields' | 'forwardedFor'>): LogFieldReader | undefined {
  const { trustedHops } = forwardedFor;
  const headers = logFields.filter((field) => field.startsWith(headerPrefix)).map((field) => field.slice(headerPrefix.length));
  const entries: (readonly [name: string, read: (request: LoggedRequest) => LogValue])[] = logFields.flatMap((field) => {
    const read = readers[field];
    return read === undefined ? [] : [[field.replaceAll('-', '_'), read] as const];
  });
  if (headers.length > 0) entries.push(['headers', (request) => headerFields(headers, request)]);
  if (trustedHops > 0) entries.push(['client_ip', (request) => clientIp(request, trustedHops)]);
  if (entries.length === 0) return undefined;
  return (request) => Object.fromEntries(entries.map(([name, read]) => [name, read(request)]));
}

const headerPrefix = 'headers.';

const readers: Readonly<Record<string, ((request: LoggedRequest) => LogValue) | undefined>> = {
  'user-agent': ({ headers }) => headerValue(headers, 'user-agent') ?? null,
  referer: ({ headers }) => refererOf(headers),
  'forwarded-for': ({ headers }) => joined(headers, 'x-forwarded-for'),
  query: ({ query }) => withoutSecrets(query),
  size: ({ bytesSent }) => bytesSent,
  'client-certificate': ({ connection: { certificate } }) =>
    certificate.kind === 'presented' ? certificateFields(certificate.leaf) : null,
};

function headerFields(names: readonly string[], { headers }: LoggedRequest): LogValue {
  return Object.fromEntries(names.map((name) => [name, holdsCredentials(name) ? redacted : joined(headers, name.toLowerCase())]));
}

const redacted = '[redacted]';

/** Whoever reads the log would be whoever the line is about. The configuration warns of such names; here is what makes sure. */
function holdsCredentials(name: string): boolean {
  const normalised = name.toLowerCase().replaceAll('_', '-');
  return isSecretName(normalised) || isSecretKey(normalised) || normalised.includes('cookie') || normalised.startsWith('x-pomerium-');
}

function joined(headers: HeaderList, lowerName: string): string | null {
  const values = headerValues(headers, lowerName);
  return values.length === 0 ? null : values.join(', ');
}

/** Its query may hold the code of a sign-in, and what stands before `@` a password. */
function refererOf(headers: HeaderList): string | null {
  const referer = headerValue(headers, 'referer');
  return referer === undefined ? null : (referer.split(/[?#]/, 1)[0] ?? '').replace(/^([A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/]*@/, '$1//');
}

/** A query without its `?`, in which the values of parameters that sign somebody in are left out. */
function withoutSecrets(query: string): string | null {
  if (query === '') return null;
  return query
    .slice(1)
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      return isSecretParameter(name) ? `${name}=${redacted}` : pair;
    })
    .join('&');
}

function isSecretParameter(name: string): boolean {
  const decoded = decodedName(name).toLowerCase();
  return isSecretName(decoded) || decoded.startsWith('pomerium') || signsIn.test(decoded);
}

/** Signed links to stores of objects and keys of interfaces let everybody in who has the whole of them. */
const signsIn =
  /signature|credential|assertion|session|passw|passphrase|api[_.-]?key|access[_.-]?key|(?:^|[_.-])(?:sig|key|auth|jwt|ticket|otp)$/;

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    // No UTF-8: whoever reads it byte by byte may see any name in it, so it counts as a secret's.
    return 'secret';
  }
}

/**
 * The address that the outermost of the proxies in front saw: each of them appended whom it saw. Where fewer addresses are there than
 * proxies are believed, the request did not come through them, and the peer is all that is known.
 */
function clientIp({ headers, connection }: LoggedRequest, trustedHops: number): string {
  const addresses = headerValues(headers, 'x-forwarded-for').flatMap((value) => value.split(','));
  const address = addresses.at(-trustedHops)?.trim() ?? '';
  return isIP(address) === 0 ? connection.remoteAddress : canonicalAddress(address);
}

const certificates = new WeakMap<X509Certificate, LogValue>();

/** Of whatever was presented, valid or not; null when it can't be read. Kept as long as the certificate is. */
function certificateFields(leaf: X509Certificate): LogValue {
  const known = certificates.get(leaf);
  if (known !== undefined) return known;
  const facts = certificateFacts(leaf);
  const fields = facts && {
    subject: facts.subject,
    issuer: facts.issuer,
    serial: facts.serial,
    not_before: new Date(facts.notBefore).toISOString(),
    not_after: new Date(facts.notAfter).toISOString(),
    sans: facts.alternativeNames.flatMap(alternativeName),
  };
  certificates.set(leaf, fields ?? null);
  return fields ?? null;
}

function alternativeName(name: GeneralName): readonly string[] {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return [`${name.kind}:${name.text}`];
    case 'ip':
      return [`ip:${addressText(name.bytes)}`];
    case 'other':
      return name.principalName === undefined ? [] : [`upn:${name.principalName}`];
    case 'directory':
      return [];
  }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return (bytes.toString('hex').match(/.{1,4}/g) ?? []).join(':');
}
