import { deepEqual, equal, fail, match, notDeepEqual, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { writePkcs12 } from '../../src/certificate/write-pkcs12.ts';
import { valid } from './frozen-times.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const alice = await issueClientCertificate(root, { ...valid, commonName: 'alice', emails: ['alice@corp.test'] });
const contents = {
  certificatePem: alice.certificatePem,
  keyPem: alice.keyPem,
  chainPems: [root.certificatePem],
  password: 'pässwörd',
  friendlyName: 'alice ź',
};

describe('writePkcs12()', () => {
  it('writes what a TLS client loads with the password and with no other', () => {
    const pfx = writePkcs12(contents);
    createSecureContext({ pfx, passphrase: 'pässwörd' });
    throws(() => createSecureContext({ pfx, passphrase: 'passwort' }), /mac verify failure/);
  });

  it('takes an empty password, an RSA key and no chain', async () => {
    const { certificatePem, keyPem } = await issueClientCertificate(root, { ...valid, commonName: 'bob', keyKind: 'RSA-2048' });
    const pfx = writePkcs12({ certificatePem, keyPem, chainPems: [], password: '', friendlyName: 'bob' });
    createSecureContext({ pfx, passphrase: '' });
  });

  it('never writes the same bytes twice, so that equal keys do not show', () => {
    notDeepEqual(writePkcs12(contents), writePkcs12(contents));
  });

  it('is read by OpenSSL, with certificate, key, issuer and name', async (context) => {
    await withFile(context, 'openssl', ['version'], (file) => {
      const shown = run('openssl', ['pkcs12', '-in', file, '-passin', 'pass:pässwörd', '-noenc']);
      deepEqual(
        [shown.match(/BEGIN CERTIFICATE/g)?.length, shown.includes(alice.keyPem.trim()), shown.includes(alice.certificatePem.trim())],
        [2, true, true],
      );
      match(run('openssl', ['pkcs12', '-in', file, '-passin', 'pass:pässwörd', '-info', '-noout']), /MAC: sha256.*[^]*AES-256-CBC/);
    });
  });

  it('is imported by NSS, the store of Chrome on Linux and of Firefox, under its name', async (context) => {
    await withFile(context, 'pk12util', ['-H'], (file, directory) => {
      const store = `sql:${directory}`;
      run('certutil', ['-N', '-d', store, '--empty-password']);
      run('pk12util', ['-i', file, '-d', store, '-W', 'pässwörd']);
      match(run('certutil', ['-L', '-d', store]), /alice ź +u,u,u/);
      match(run('certutil', ['-K', '-d', store]), /alice ź/);
    });
  });
});

interface TestContext {
  diagnostic(message: string): void;
}

/** Runs the check with a file on disk, or says loudly that the program for it is missing. */
async function withFile(
  context: TestContext,
  program: string,
  probe: readonly string[],
  check: (file: string, directory: string) => void,
): Promise<void> {
  if (spawnSync(program, probe).error !== undefined) {
    if (process.env['CI'] === 'true') fail(`the ${program} command is missing`);
    context.diagnostic(`NOT CHECKED: the ${program} command is missing`);
    return;
  }
  const directory = await mkdtemp(join(tmpdir(), 'postern-pkcs12-'));
  try {
    const file = join(directory, 'alice.p12');
    await writeFile(file, writePkcs12(contents));
    check(file, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function run(program: string, args: readonly string[]): string {
  // `C.UTF-8`, or the password on the command line is taken for something else.
  const result = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  equal(result.status, 0, `${program}: ${result.stderr}`);
  return result.stdout + result.stderr;
}
