import assert from 'node:assert/strict';
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-ports.ts';
import { ask, configText } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';

const route = (from: string, more: string): string =>
  `{from: 'https://${from}.postern.test', to: '{{to}}', allow_public_unauthenticated_access: true${more}}`;
const routes = `routes: [${route('public', '')}, ${route('b', ', tls_downstream_client_ca_file: ca-b.pem')}]`;
const program = fileURLToPath(new URL('../../bin/postern', import.meta.url));

/**
 * `NODE_EXTRA_CA_CERTS` is set for the sake of outgoing requests. Where a context has no authorities of its own, Node silently takes the
 * public ones and these: whoever has a certificate of such an authority would be let in.
 */
describe('a certificate of an authority in NODE_EXTRA_CA_CERTS', () => {
  let directory: string;
  let pki: Pki;
  let upstream: Recorder;

  before(async () => {
    [pki, upstream, directory] = await Promise.all([makePki(), openRecorder(), mkdtemp(join(tmpdir(), 'postern-extra-'))]);
    const files = {
      'server.pem': pki.server.certificatePem,
      'server.key': pki.server.keyPem,
      'extra.pem': pki.caA.certificatePem,
      'ca-b.pem': pki.caB.certificatePem,
      'empty.pem': '',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  });

  after(async () => {
    await upstream[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  async function start(own: string, port: number): Promise<ChildProcessByStdio<null, Readable, Readable>> {
    const file = join(directory, `config-${port}.yaml`);
    await writeFile(file, configText(own.replaceAll('{{to}}', upstream.url), port));
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(directory, 'extra.pem') };
    return spawn(process.execPath, [program, 'run', '--config', file, '--no-env'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  for (const [settings, refused] of [
    ['enforcement: policy_with_default_deny', 495],
    ['enforcement: reject_connection', 'no handshake'],
    // Here the TLS layer knows no authority, or no root.
    ['enforcement: reject_connection, send_ca_names: false, allow_partial_chain: false', 'no handshake'],
  ] as const) {
    it(`is of no worth where another authority is asked for (${settings})`, async () => {
      const port = await freePort();
      const child = await start(`downstream_mtls: {${settings}}\n${routes}`, port);
      try {
        await once(child.stdout, 'data');
        const url = `https://b.postern.test:${port}/`;
        upstream.clear();
        for (const client of [pki.alice, undefined]) {
          const outcome = await ask({ port, pki }, url, { client }).then(
            ({ status }) => status,
            () => 'no handshake',
          );
          assert.deepEqual([outcome, upstream.bytes()], [refused, '']);
        }
        const { status } = await ask({ port, pki }, url, { client: pki.ofB });
        assert.equal(status, 200);
      } finally {
        child.kill('SIGTERM');
        await once(child, 'close');
      }
    });
  }

  it('does not stand in for a file without any', async () => {
    const child = await start(`routes: [${route('b', ', tls_downstream_client_ca_file: empty.pem')}]`, await freePort());
    const said = child.stderr.setEncoding('utf8').toArray() as Promise<string[]>;
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 1);
    assert.match((await said).join(''), /"empty\.pem".*empty/);
  });
});
