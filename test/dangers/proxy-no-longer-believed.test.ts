import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import type { House, LogLine } from '../walk/house.ts';
import { ask, configText, openHouse } from '../walk/house.ts';
import type { Pki } from '../walk/pki.ts';
import { makePki } from '../walk/pki.ts';
import { dial, openSocketUpstream } from '../walk/web-socket.ts';

/**
 * A proxy in front told of its visitor's certificate, and the upstream was told. When the proxy is believed no longer, what is under way
 * must not go on in that visitor's name, though the certificate of the proxy itself would be let in as well.
 */
describe('a stream of a visitor whom a proxy in front told of', () => {
  let house: House;
  let pki: Pki;
  let visitor: Issued;
  let sockets: AsyncDisposable & { readonly url: string };

  const configOf = (accepted: string): string => `
downstream_mtls: {ca_file: ca-a.pem}
pass_client_certificate: [nginx]
access_log_fields: [client-certificate]
${accepted}
routes:
  - {name: app, from: https://app.postern.test, prefix: /socket, to: ${sockets.url}, allow_websockets: true, allow_public_unauthenticated_access: true}
  - {name: text, from: https://app.postern.test, path: /text, response: {status: 200, body: ok}, allow_public_unauthenticated_access: true}
`;
  const believed = 'accept_client_certificate: {dialect: rfc9440, from: [127.0.0.1]}';

  before(async () => {
    pki = await makePki();
    const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
    visitor = await issueClientCertificate(pki.caA, { commonName: 'visitor', emails: ['visitor@example.com'], from, to });
    sockets = await openSocketUpstream(() => undefined);
    house = await openHouse({ pki, judgeEveryMs: 50, config: configOf(believed) });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    await sockets[Symbol.asyncDispose]();
  });

  const told = (): Readonly<Record<string, string>> => ({ 'Client-Cert': `:${visitor.certificate.raw.toString('base64')}:` });

  it('is logged with the certificate of the visitor, everywhere in its line', async () => {
    await ask(house, `https://app.postern.test:${house.port}/text`, { client: pki.alice, headers: told() });
    const line = await house.logLine(({ path }) => path === '/text');
    const certificate = line['client_certificate'] as LogLine;
    const print = visitor.certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    assert.deepEqual([line['client_certificate_sha256'], certificate['subject']], [print, 'CN=visitor']);
  });

  it('ends when the proxy is believed no longer', async () => {
    const dialled = await dial(house, 'app.postern.test', { client: pki.alice, headers: told() });
    if (dialled.kind !== 'open') return assert.fail(`refused: ${dialled.status}`);
    const closed = new Promise<number>((resolve) => void dialled.socket.on('close', resolve));
    await writeFile(house.configFile, configText(configOf(''), house.port));
    assert.ok(await house.server.reload());
    const late = new Promise<string>((resolve) => setTimeout(resolve, 2_000, 'still open').unref());
    assert.equal(await Promise.race([closed, late]), 1008);
    dialled.socket.terminate();
    await house.logLine(({ reasons }) => Array.isArray(reasons) && reasons.includes('visitor-changed'));
  });
});
