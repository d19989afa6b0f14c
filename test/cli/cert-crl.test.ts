import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCaBundle } from '../../src/certificate/ca-bundle.ts';
import type { IssuedCrl } from '../../src/certificate/crl-bundle.ts';
import { readCrlBundle } from '../../src/certificate/crl-bundle.ts';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import { runCert } from '../../src/cli/cert.ts';

const now = Date.parse('2026-06-01T12:00:00Z');
const dayMs = 86_400_000;

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-cert-crl-'));
  await cert('ca', '--out', inside('ca'));
  for (const name of ['alice', 'bob']) await cert('client', '--ca', inside('ca'), '--email', `${name}@acme.test`);
  await cert('ca', '--out', inside('other'));
  await cert('client', '--ca', inside('other'), '--email', 'eve@acme.test');
});
after(() => rm(directory, { recursive: true }));

describe('postern cert crl', () => {
  it('makes a list of nobody for three months, which Postern believes', async () => {
    const made = await crl('empty');
    deepEqual([made.status, made.err], [0, '']);
    match(made.out, /^Wrote .*crl\.pem\nNumber 1, entries: 0\. Make the next one before 2026-08-30T12:00:00\.000Z[^]*crl_file: .*crl\.pem/);
    const list = await listIn('empty');
    deepEqual([list.number, list.serials.size, list.thisUpdate - now, list.nextUpdate - now], [1n, 0, -3_600_000, 90 * dayMs]);
    equal(((await stat(join(inside('empty'), 'crl.pem'))).mode & 0o777).toString(8), '644');
  });

  it('revokes certificates by their files and by their numbers, however those are written', async () => {
    await crl('numbers', person('alice'), '0A:0b', 'f', '0080', '00');
    deepEqual([...(await listIn('numbers')).serials].map(hex).toSorted().slice(0, 4), ['00', '0080', '0a0b', '0f']);
    equal((await listIn('numbers')).serials.size, 5);
  });

  it('continues the list that is there: nobody is forgotten, and the number goes up', async () => {
    await crl('continued', person('alice'));
    const first = await readFile(join(inside('continued'), 'crl.pem'), 'utf8');
    const made = await crlAt(now + dayMs, 'continued', person('bob'), person('alice'), '--days', '7');
    match(made.out, /Number 2, entries: 2\. Make the next one before 2026-06-09/);
    const list = await listIn('continued');
    deepEqual([list.number, list.serials.size, list.nextUpdate], [2n, 2, now + 8 * dayMs]);
    const both = readCrls(first + (await readFile(join(inside('continued'), 'crl.pem'), 'utf8')), 'ca');
    ok((await both).ok);
    match((await crl('continued', '--number', '40')).out, /Number 40, entries: 2/);
    match((await crl('continued', '--number', '40')).err, /^Cannot give the list number 40: ".*crl\.pem" has number 40, and of two lists/);
    match((await crl('continued', '--force')).out, /Number 1, entries: 0/);
  });

  it('replaces no other file, unless told to', async () => {
    await crl('kept');
    const file = join(inside('kept'), 'crl.pem');
    for (const text of ['mine', await readFile(join(inside('ca'), 'ca.pem'), 'utf8')]) {
      await writeFile(file, text);
      match((await crl('kept')).err, /^Cannot continue ".*crl\.pem": .*; add --force to begin a new list in its place\n$/);
      equal(await readFile(file, 'utf8'), text);
    }
    await cert('crl', '--ca', inside('other'), '--out', inside('kept'), '--force');
    match((await crl('kept')).err, /expected one list of this authority; add --force/);
    equal((await crl('kept', '--force')).status, 0);
  });

  it('refuses to revoke what the authority did not issue, and itself', async () => {
    const refused = [join(inside('other'), 'eve@acme.test.pem'), join(inside('ca'), 'ca.pem'), join(inside('ca'), 'ca.key'), 'nobody.pem'];
    const errors: string[] = [];
    for (const operand of refused) errors.push((await crl('refused', operand)).err.replace(/"[^"]*\/([^"/]*)"/, '"$1"'));
    deepEqual(errors, [
      'Cannot revoke "eve@acme.test.pem": it was not issued by this authority\n',
      'Cannot revoke "ca.pem": it is the authority itself\n',
      'Cannot revoke "ca.key": expected a certificate in PEM, or a serial number in hex\n',
      'Cannot read or write "nobody.pem": ENOENT\n',
    ]);
    equal(await stat(join(inside('refused'), 'crl.pem')).catch(() => 'not written'), 'not written');
  });

  it('makes no list for an authority that may not sign one', async () => {
    const span = { from: new Date(now - dayMs), to: new Date(now + dayMs) };
    const mute = await issueAuthority({ commonName: 'Mute', keyUsage: ['keyCertSign'], ...span });
    await cert('ca', '--out', inside('mute'));
    await writeFile(join(inside('mute'), 'ca.pem'), mute.certificatePem);
    await writeFile(join(inside('mute'), 'ca.key'), mute.keyPem);
    match((await cert('crl', '--ca', inside('mute'))).err, /^Cannot make a revocation list: the authority may not sign any/);
  });
});

function inside(name: string): string {
  return join(directory, name);
}

function person(name: string): string {
  return join(inside('ca'), `${name}@acme.test.pem`);
}

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function cert(...args: readonly string[]): Promise<Ran> {
  return certAt(now, args);
}

function crl(out: string, ...args: readonly string[]): Promise<Ran> {
  return crlAt(now, out, ...args);
}

function crlAt(at: number, out: string, ...args: readonly string[]): Promise<Ran> {
  return certAt(at, ['crl', '--ca', inside('ca'), '--out', inside(out), ...args]);
}

async function certAt(at: number, args: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCert(args, { out: (text) => out.push(text), err: (text) => err.push(text), now: () => at });
  return { status, out: out.join(''), err: err.join('') };
}

async function readCrls(text: string, ca: string): Promise<ReturnType<typeof readCrlBundle>> {
  const bundle = readCaBundle({ text: await readFile(join(inside(ca), 'ca.pem'), 'utf8'), label: 'ca.pem', path: [] }, now);
  if (!bundle.ok) throw new Error(bundle.message);
  return readCrlBundle({ text, label: 'crl.pem', path: [] }, [bundle.bundle], now);
}

async function listIn(name: string): Promise<IssuedCrl> {
  const read = await readCrls(await readFile(join(inside(name), 'crl.pem'), 'utf8'), 'ca');
  if (!read.ok || read.crls.lists[0] === undefined) throw new Error(read.ok ? 'no list' : read.message);
  return read.crls.lists[0];
}

function hex(serial: string): string {
  return Buffer.from(serial, 'latin1').toString('hex');
}
