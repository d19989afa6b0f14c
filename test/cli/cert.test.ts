import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { runCert } from '../../src/cli/cert.ts';

const now = Date.parse('2026-06-01T12:00:00Z');
const dayMs = 86_400_000;

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-cert-'));
});
after(() => rm(directory, { recursive: true }));

describe('postern cert', () => {
  it('makes an authority, a server certificate and a client certificate that fit together', async () => {
    const ca = join(directory, 'all');
    const made = [
      await cert('ca', '--out', ca, '--name', 'Acme CA'),
      await cert('server', '--ca', ca, '*.Acme.test', '127.0.0.1'),
      await cert('client', '--ca', ca, '--email', 'alice@acme.test', '--name', 'Alice', '--password', 'secret'),
    ];
    deepEqual(
      made.map(({ status, err }) => [status, err]),
      [
        [0, ''],
        [0, ''],
        [0, ''],
      ],
    );
    deepEqual((await readdir(ca)).toSorted(), [
      '_wildcard.acme.test.key',
      '_wildcard.acme.test.pem',
      'alice@acme.test.key',
      'alice@acme.test.p12',
      'alice@acme.test.pem',
      'ca.key',
      'ca.pem',
    ]);
    const authority = await certificateIn(ca, 'ca.pem');
    const server = await certificateIn(ca, '_wildcard.acme.test.pem');
    const client = await certificateIn(ca, 'alice@acme.test.pem');
    deepEqual(
      [authority.subject, server.subjectAltName, client.subject, client.subjectAltName],
      ['CN=Acme CA', 'DNS:*.acme.test, IP Address:127.0.0.1', 'CN=Alice', 'email:alice@acme.test'],
    );
    ok(server.verify(authority.publicKey) && client.verify(authority.publicKey));
    ok(client.checkPrivateKey(createPrivateKey(await readFile(join(ca, 'alice@acme.test.key')))));
    createSecureContext({ pfx: await readFile(join(ca, 'alice@acme.test.p12')), passphrase: 'secret' });
  });

  it('lets nobody but the owner read a key', async () => {
    const ca = join(directory, 'modes');
    await cert('ca', '--out', ca);
    await cert('client', '--ca', ca, '--email', 'alice@acme.test');
    const mode = async (name: string): Promise<string> => ((await stat(join(ca, name))).mode & 0o777).toString(8);
    deepEqual(
      [await mode('.'), await mode('ca.key'), await mode('alice@acme.test.key'), await mode('alice@acme.test.p12')],
      ['700', '600', '600', '600'],
    );
  });

  it('tells what was written, the default password, and what to do next', async () => {
    const ca = join(directory, 'told');
    const authority = await cert('ca', '--out', ca);
    const client = await cert('client', '--ca', ca, '--email', 'alice@acme.test');
    match(authority.out, /^Wrote .*ca\.pem\nWrote .*ca\.key\n[^]*client_ca_file: .*ca\.pem/);
    match(client.out, /alice@acme\.test\.p12\n[^]*The password of .* is "changeit"[^]*curl --cert/);
  });

  it('replaces nothing unless told to, not even a part', async () => {
    const ca = join(directory, 'twice');
    await cert('ca', '--out', ca);
    await cert('client', '--ca', ca, '--email', 'alice@acme.test');
    await rm(join(ca, 'alice@acme.test.pem'));
    const first = await readFile(join(ca, 'alice@acme.test.key'), 'utf8');
    const again = await cert('client', '--ca', ca, '--email', 'alice@acme.test');
    match(again.err, /^Cannot write ".*alice@acme\.test\.key": it exists, add --force to replace it\n$/);
    equal(again.status, 1);
    equal(await readFile(join(ca, 'alice@acme.test.key'), 'utf8'), first);
    equal((await readdir(ca)).includes('alice@acme.test.pem'), false);
    equal((await cert('client', '--ca', ca, '--email', 'alice@acme.test', '--force')).status, 0);
    equal((await readFile(join(ca, 'alice@acme.test.key'), 'utf8')) === first, false);
  });

  it('lets no certificate outlive its authority, begins an hour ago, and takes the days asked for', async () => {
    const ca = join(directory, 'days');
    await cert('ca', '--out', ca, '--days', '30');
    await cert('client', '--ca', ca, '--email', 'short@acme.test', '--days', '7');
    await cert('client', '--ca', ca, '--email', 'long@acme.test');
    const span = async (name: string): Promise<readonly number[]> => {
      const certificate = await certificateIn(ca, name);
      return [(certificate.validFromDate.getTime() - now) / 3_600_000, (certificate.validToDate.getTime() - now) / dayMs];
    };
    deepEqual(
      [await span('ca.pem'), await span('short@acme.test.pem'), await span('long@acme.test.pem')],
      [
        [-1, 30],
        [-1, 7],
        [-1, 30],
      ],
    );
  });

  it('says what is wrong with the authority it was given', async () => {
    const ca = join(directory, 'wrong');
    await cert('ca', '--out', ca, '--days', '30');
    const client = ['client', '--ca', ca, '--email', 'alice@acme.test'];
    const missing = await cert('client', '--ca', join(directory, 'nowhere'), '--email', 'alice@acme.test');
    match(missing.err, /^Cannot read or write ".*nowhere.*ca\.pem": ENOENT\n$/);
    match((await certAt(now + 31 * dayMs, ...client)).err, /ca\.pem": it expired at 2026-07-01T12:00:00\.000Z\n$/);
    await cert('ca', '--out', join(directory, 'other'));
    await writeFile(join(ca, 'ca.key'), await readFile(join(directory, 'other', 'ca.key')));
    match((await cert(...client)).err, /^Cannot use ".*ca\.key": expected the key of ".*ca\.pem"/);
    await writeFile(join(ca, 'ca.pem'), 'no certificate');
    const unreadable = await cert(...client);
    match(unreadable.err, /^Cannot use ".*ca\.pem": expected the certificate of an authority, in PEM\n$/);
    equal(unreadable.status, 1);
  });

  const wrong: readonly (readonly [line: string, message: RegExp])[] = [
    ['', /^Cannot run "postern cert ": expected ca, server, client or crl\n/],
    ['sign', /^Cannot run "postern cert sign"/],
    ['ca', /without --out/],
    ['ca --out', /"--out": expected a value/],
    ['ca --out d extra', /^Cannot use "extra": expected options only/],
    ['ca --out d --days 0', /--days: expected a whole number/],
    ['ca --out d --days 1.5', /--days/],
    ['ca --out d --out e', /"--out" twice/],
    ['ca --out d --force=yes', /"--force": expected no value/],
    ['ca --out d --email a@b.test', /"--email": no such option of "postern cert ca"/],
    ['server --ca d', /without a host/],
    ['server --ca d https://x.test', /^Cannot use "https:\/\/x\.test": expected a host name/],
    ['server --ca d x.test:443', /^Cannot use "x\.test:443"/],
    ['server --ca d a.*.test', /^Cannot use "a\.\*\.test"/],
    ['server --ca d CA', /its files would replace those of the authority/],
    ['client --email a@b.test', /without --ca/],
    ['client --ca d', /^Cannot use --email "": expected an address/],
    ['client --ca d --email ../../a@b.test', /^Cannot use --email/],
    ['client --ca d --email a@b/c', /^Cannot use --email/],
    ['crl', /^Cannot make a revocation list without --ca/],
    ['crl --ca d --number x', /^Cannot read --number "x": expected a whole number/],
    ['crl --ca d --email a@b.test', /"--email": no such option of "postern cert crl"/],
  ];
  for (const [line, message] of wrong) {
    it(`refuses "postern cert ${line}" with status 2 and writes nothing`, async () => {
      const { status, out, err } = await cert(...line.split(' ').filter((word) => word !== ''));
      deepEqual([status, out], [2, '']);
      match(err, message);
      match(err, /\nUsage: postern cert ca /);
    });
  }
});

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function cert(...args: readonly string[]): Promise<Ran> {
  return certAt(now, ...args);
}

async function certAt(at: number, ...args: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCert(args, { out: (text) => out.push(text), err: (text) => err.push(text), now: () => at });
  return { status, out: out.join(''), err: err.join('') };
}

async function certificateIn(ca: string, name: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(join(ca, name)));
}
