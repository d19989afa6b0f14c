import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, it } from 'node:test';
import { issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, openHouse } from './house.ts';

const answering = (text: string): string => `
routes:
  - from: https://app.postern.test
    response: {status: 200, body: ${text}}
    allow_public_unauthenticated_access: true
`;

async function rewrite(house: House, change: (text: string) => string): Promise<void> {
  await writeFile(house.configFile, change(await readFile(house.configFile, 'utf8')));
}

async function bodyOf(house: House): Promise<string> {
  const { body } = await ask(house, 'https://app.postern.test/');
  return body;
}

describe('runtime_flags: {config_hot_reload: false}', () => {
  it('leaves changed files alone until a reload is asked for', async () => {
    await using house = await openHouse({ config: `runtime_flags: {config_hot_reload: false}${answering('one')}` });
    await rewrite(house, (text) => text.replace('one', 'two'));
    // Longer than it takes where files are followed: two looks, 400 ms apart.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(await bodyOf(house), 'one');
    assert.equal(await house.server.reload(), true);
    assert.equal(await bodyOf(house), 'two');
  });
});

const password = (text: string): string => Buffer.from(`scraper:${text}`).toString('base64');

describe('the guard of the metrics', () => {
  it('follows a reload: another password, another certificate', async () => {
    const metricsPort = await freePort();
    await using house = await openHouse({
      config: `metrics_address: 127.0.0.1:${metricsPort}
metrics_basic_auth: ${password('one')}
metrics_certificate_file: server.pem
metrics_certificate_key_file: server.key${answering('x')}`,
    });
    const scrape = async (text: string): Promise<readonly [status: string, name: string]> => scrapeWith(metricsPort, password(text));
    assert.deepEqual(await scrape('one'), ['200', 'postern.test']);

    const from = new Date(Date.now() - 1000);
    const to = new Date(Date.now() + 86_400_000);
    const next = await issueServerCertificate(house.pki.serverCa, { commonName: 'next', dnsNames: ['*.postern.test'], from, to });
    await writeFile(join(house.directory, 'server.pem'), next.certificatePem);
    await writeFile(join(house.directory, 'server.key'), next.keyPem);
    await rewrite(house, (text) => text.replace(password('one'), password('two')));
    assert.equal(await house.server.reload(), true);
    assert.deepEqual(
      [await scrape('one'), await scrape('two')],
      [
        ['401', 'next'],
        ['200', 'next'],
      ],
    );
    const { needs_restart: unmoved } = await house.logLine(({ msg }) => msg === 'The new configuration is in force');
    assert.deepEqual(unmoved, []);
  });
});

/** The status of the metrics, and the common name of the certificate that they were served with. */
function scrapeWith(port: number, credentials: string): Promise<readonly [status: string, name: string]> {
  return new Promise((resolve, reject) => {
    // The certificate is looked at, not trusted: its name is what is asked for.
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const name = String(socket.getPeerCertificate().subject.CN);
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve([chunk.toString().split(' ')[1] ?? '', name]);
      });
      socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${credentials}\r\nConnection: close\r\n\r\n`);
    });
    socket.once('error', reject);
  });
}
