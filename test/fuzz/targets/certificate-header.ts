import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import type { AcceptedDialect } from '../../../src/config/certificate-header-settings.ts';
import type { HeaderList } from '../../../src/http/header-list.ts';
import { acceptedHeaderNames, readCertificateHeader } from '../../../src/certificate/headers/read-certificate-header.ts';
import { rawCertificate, someIssuer, utf8 } from '../../certificate/headers/raw-certificate.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { closesNothing } from '../fuzz-target.ts';
import { mutateBytes, wordsOf } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';

/**
 * What a proxy in front says of a certificate: whatever is read stands in the header, would be read again from any way to write it, and can't
 * come twice. An input has lines: the dialect, and a field on each further one. In it `@b64@` stands for a certificate, and so on.
 */
export const certificateHeader: FuzzTarget = {
  name: 'certificate-header',
  briefly: 3_000,
  meets: [
    'none',
    'refused',
    ...['xfcc', 'nginx', 'traefik', 'rfc9440'].map((dialect) => `${dialect}: one`),
    'xfcc: more',
    'traefik: more',
    'rfc9440: more',
  ],
  open: () => Promise.resolve({ seeds: [], make, check, [Symbol.asyncDispose]: closesNothing }),
};

const dialects: readonly AcceptedDialect[] = ['xfcc', 'nginx', 'traefik', 'rfc9440'];
const middleName = [[utf8('2.5.4.3', 'Issuing CA')]];
const middle = rawCertificate({ subject: middleName, alternativeNames: [] }, someIssuer, true);
const leaf = rawCertificate({ subject: [[utf8('2.5.4.3', 'alice')]], alternativeNames: [] }, { ...someIssuer, subject: middleName });
const other = rawCertificate({ subject: [[utf8('2.5.4.3', 'admin')]], alternativeNames: [] });

// As marks, so that an input means the same in every process: the certificates are made anew in each.
const marks: ReadonlyMap<string, string> = new Map([
  ['@b64@', base64Of(leaf)],
  ['@middle@', base64Of(middle)],
  ['@other@', base64Of(other)],
  ['@pem@', encodeURIComponent(leaf.toString())],
  ['@chain@', encodeURIComponent(`${leaf.toString()}${middle.toString()}`)],
  ['@otherpem@', encodeURIComponent(other.toString())],
  ['@lower@', encodeURIComponent(leaf.toString()).replace(/%../g, (escape) => escape.toLowerCase())],
  ['@plain@', leaf.toString().replaceAll('\n', ' ')],
  ['@hash@', hashOf(leaf)],
  ['@otherhash@', hashOf(other)],
]);

const names = [...Object.values(acceptedHeaderNames).flat(), 'SSL_CLIENT_CERT', 'ssl_client_verify', 'Client_Cert', 'x-a'];
const values = [
  ...marks.keys(), 'SUCCESS', 'NONE', 'FAILED:expired', 'success', '', ' ', ':@b64@:', ':@middle@:', ':@b64@:;a=1', ':@middle@:, :@other@:', '@b64@,@middle@',
  '@b64@%2C@middle@', 'Cert="@pem@"', 'Hash=@hash@;Cert="@pem@"', 'Hash=@hash@;Cert="@pem@";Chain="@chain@"', 'Hash=@otherhash@;Cert="@pem@"', 'Chain="@chain@"',
  'Hash=@hash@;Cert="@pem@";URI=x;Cert="@otherpem@"', 'Cert="@pem@",Cert="@otherpem@"', 'By=a;Subject="CN=\\"x\\"";Cert=@pem@', 'Cert="@otherpem@";Chain="@chain@"',
]; // prettier-ignore
const words = wordsOf('\n', ': ', ':', ';', ',', '"', '\\', '=', '%', '%2B', '%00', '+', ' ', '\t', '==', 'Cert=', 'Chain=', 'hash=', 'CERT="', ...names, ...values, ...dialects); // prettier-ignore

function make(random: Random, known: readonly Buffer[]): Buffer {
  if (random.oneIn(2)) return mutateBytes(random, random.pick(known), { others: known, words });
  const dialect = random.pick(dialects);
  const own = acceptedHeaderNames[dialect];
  const fields = random.times(random.below(4), () => `${random.pick(random.oneIn(4) ? names : own)}: ${random.pick(values)}`);
  return Buffer.from([dialect, ...fields].join('\n'), 'latin1');
}

function check(input: Buffer): string {
  const [first = '', ...lines] = input.toString('latin1').split('\n');
  const dialect = dialects.find((each) => each === first) ?? dialects[first.length % dialects.length] ?? 'xfcc';
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(': ');
    const value = colon === -1 ? '' : line.slice(colon + 2);
    return [colon === -1 ? line : line.slice(0, colon), value.replace(/@\w+@/g, (mark) => marks.get(mark) ?? mark)];
  });
  const reading = readCertificateHeader(headers, dialect);
  const shouted = headers.map((text, index) => (index % 2 === 0 ? text.toUpperCase() : text));
  assert.deepEqual(printsOf(shouted, dialect), printsOf(headers, dialect), 'the case of names matters');
  assert.deepEqual(printsOf(['x-a', 'b', ...headers], dialect), printsOf(headers, dialect), 'another field matters');
  if (reading.kind !== 'presented') return reading.kind;
  const certificates = [reading.leaf, ...reading.chain];
  assertSaid(headers, dialect, certificates);
  assertSingle(headers, dialect);
  const prints = certificates.map(({ fingerprint256 }) => fingerprint256);
  const again = dialect === 'nginx' ? prints.slice(0, 1) : prints;
  assert.deepEqual(printsOf(written(dialect, certificates), dialect), again, 'written again it is another certificate');
  return `${dialect}: ${certificates.length === 1 ? 'one' : 'more'}`;
}

/** The certificates, or what was said instead. */
function printsOf(headers: HeaderList, dialect: AcceptedDialect): readonly string[] | string {
  const reading = readCertificateHeader(headers, dialect);
  return reading.kind === 'presented' ? [reading.leaf, ...reading.chain].map(({ fingerprint256 }) => fingerprint256) : reading.kind;
}

/** Nothing is read that was not said, in a field of this dialect and under its very name. */
function assertSaid(headers: HeaderList, dialect: AcceptedDialect, certificates: readonly X509Certificate[]): void {
  const own = headers.filter(
    (_, index) => index % 2 === 1 && acceptedHeaderNames[dialect].includes(headers[index - 1]?.toLowerCase() ?? ''),
  );
  const said = own.join(' ').replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const plain = said.replace(/\s/g, '');
  for (const certificate of certificates) assert.ok(plain.includes(base64Of(certificate)), `${certificate.subject} was not said`);
}

/** A second field of any name that is no list makes two of it, equal or not. */
function assertSingle(headers: HeaderList, dialect: AcceptedDialect): void {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2);
    const lower = name.toLowerCase();
    if (!acceptedHeaderNames[dialect].includes(lower) || lower === 'client-cert-chain') continue;
    for (const twin of [name, lower.replaceAll('-', '_')])
      assert.equal(printsOf([...headers, twin, value], dialect), 'refused', `a second ${twin} is passed over`);
  }
}

/** By a writer that shares nothing with ours. */
function written(dialect: AcceptedDialect, [first, ...chain]: readonly X509Certificate[]): HeaderList {
  assert.ok(first);
  const all = [first, ...chain];
  switch (dialect) {
    case 'xfcc':
      return ['X-Forwarded-Client-Cert', `Hash=${hashOf(first)};Chain="${encodeURIComponent(all.join(''))}"`];
    case 'nginx':
      return ['ssl-client-verify', 'SUCCESS', 'ssl-client-cert', encodeURIComponent(first.toString())];
    case 'traefik':
      return ['X-Forwarded-Tls-Client-Cert', all.map(base64Of).join(',')];
    case 'rfc9440':
      return ['Client-Cert', `:${base64Of(first)}:`, 'Client-Cert-Chain', chain.map((each) => `:${base64Of(each)}:`).join(', ')];
  }
}

function base64Of({ raw }: X509Certificate): string {
  return raw.toString('base64');
}

function hashOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
