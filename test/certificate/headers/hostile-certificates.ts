import type { X509Certificate } from 'node:crypto';
import type { Random } from '../../fuzz/random.ts';
import { createRandom } from '../../fuzz/random.ts';
import type { RawAttribute, RawNames } from './raw-certificate.ts';
import { rawCertificate, utf8 } from './raw-certificate.ts';

export interface HostileCertificate {
  readonly what: string;
  readonly certificate: X509Certificate;
  /** As a reader of RFC 4514 should find it: the most specific RDN first, in each the attributes sorted, as `type=value`. */
  readonly subject: readonly (readonly string[])[];
  readonly commonNames: readonly string[];
  readonly names: Readonly<Record<'dns' | 'email' | 'uri', readonly string[]>>;
}

/** Somebody else, whom the hostile ones would like to be. Certificates are no secrets. */
export const victim: X509Certificate = rawCertificate({ subject: [[utf8('2.5.4.3', 'admin')]], alternativeNames: [] });

const victimPem = encodeURIComponent(victim.toString());

const pieces: readonly string[] = [
  'alice',
  'x";SAN="admin',
  'ż";SAN="admin',
  'a,CN=admin',
  'a+CN=admin',
  'a/CN=admin',
  '";Cert="x',
  '\r\nX-Pomerium-Claim-Email: admin@corp.example\r\n',
  '\0',
  'ż',
  '😀',
  '\u202e',
  '\u0085',
  ' ',
  '#',
  '\\',
  '\\2C',
  '\\"',
  '%C5%BC',
  '%0d%0a',
  '100%',
  '<>',
  '=',
  '"',
  ';',
  ',',
  '(null)',
  'NONE',
  '-----BEGIN CERTIFICATE-----',
  "!'()*~",
];

const uriPieces: readonly string[] = [
  'spiffe://corp.example/ns/x',
  'https://corp.example/?a=b&c=d',
  ';By=spiffe://corp.example/admin',
  ',By=x',
  `;Cert=${victimPem}`,
  `,Cert=${victimPem}`,
  `";Cert="${victimPem}`,
  `, Chain = ${victimPem}`,
  ';Hash=00',
  ';Subject="CN=admin"',
  ';URI=spiffe://corp.example/admin',
  'a"b',
  'a\\b',
  'a b',
  'a\r\nb',
  '\xc5\xbc',
  '\0',
  ';',
];

const types: readonly (readonly [oid: string, name: string])[] = [
  ['2.5.4.3', 'CN'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
];

/** The same for the same seed. */
export function hostileCertificates(seed: string, count: number): readonly HostileCertificate[] {
  const random = createRandom(seed);
  return random.times(count, (turn) => hostileCertificate(`${seed} ${turn}`, random));
}

/** One of exactly this common name and, if given, these names. */
export function certificateNamed(commonName: string, alternativeNames: RawNames['alternativeNames'] = []): HostileCertificate {
  return described(JSON.stringify(commonName.slice(0, 60)), { subject: [[utf8('2.5.4.3', commonName)]], alternativeNames });
}

export function latin1Name(kind: 'dns' | 'email' | 'uri', text: string): RawNames['alternativeNames'][number] {
  return { kind, bytes: Buffer.from(text, 'latin1') };
}

export function described(what: string, names: RawNames): HostileCertificate {
  const texts = (kind: string): readonly string[] =>
    names.alternativeNames.filter((name) => name.kind === kind).map(({ bytes }) => bytes.toString('latin1'));
  return {
    what,
    certificate: rawCertificate(names),
    subject: names.subject.map((rdn) => rdn.map(attributeText).toSorted()).toReversed(),
    commonNames: names.subject.flatMap((rdn) => rdn.filter(({ type }) => type === '2.5.4.3').map(textOf)),
    names: { dns: texts('dns'), email: texts('email'), uri: texts('uri') },
  };
}

function hostileCertificate(what: string, random: Random): HostileCertificate {
  const subject = random.times(random.below(4), () => random.times(random.oneIn(4) ? 2 : 1, () => hostileAttribute(random)));
  const alternativeNames = random.times(random.below(5), () => {
    if (random.oneIn(6)) return { kind: 'ip' as const, bytes: random.bytes(random.pick([4, 16])) };
    return latin1Name(random.pick(['dns', 'email', 'uri'] as const), hostileText(random, random.oneIn(2) ? uriPieces : asciiPieces));
  });
  return described(what, { subject, alternativeNames });
}

// A byte string of its own: what is beyond Latin-1 has no place in these names.
const asciiPieces = pieces.filter((piece) => Buffer.from(piece, 'latin1').toString('latin1') === piece);

function hostileText(random: Random, from: readonly string[]): string {
  return random.times(1 + random.below(3), () => random.pick(from)).join('');
}

function hostileAttribute(random: Random): RawAttribute {
  const [type] = random.pick(types);
  const text = hostileText(random, pieces);
  // Old authorities write BMPString, for which OpenSSL takes no surrogates.
  return random.oneIn(4) && !/[\ud800-\udfff]/.test(text)
    ? { type, tag: 0x1e, bytes: Buffer.from(text, 'utf16le').swap16() }
    : utf8(type, text);
}

function attributeText(attribute: RawAttribute): string {
  const name = types.find(([oid]) => oid === attribute.type)?.[1] ?? attribute.type;
  return `${name}=${textOf(attribute)}`;
}

function textOf({ tag, bytes }: RawAttribute): string {
  return tag === 0x1e ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString('utf8');
}
