import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { issueAuthority, issueServerCertificate } from '../src/certificate/issue-certificate.ts';
import { issueCrl } from '../src/certificate/issue-crl.ts';
import { freePort } from './free-ports.ts';
import { openHouse } from './walk/house.ts';

const day = 86_400_000;
/** Certificates have whole seconds. */
const today = Math.floor(Date.now() / 1000) * 1000;

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

describe('certificateEnds()', () => {
  it('tells the first end of each kind, that of an intermediate or of one authority among several as well, and follows a reload', async () => {
    const metricsPort = await freePort();
    await using house = await openHouse({
      config: `metrics_address: 127.0.0.1:${metricsPort}
downstream_mtls: {ca_file: ca-a.pem}
routes:
  - {from: https://app.postern.test, to: http://127.0.0.1:9, allow_public_unauthenticated_access: true}`,
    });
    const { pki } = house;
    const before = [seconds(pki.server.certificate.validToDate), seconds(pki.caA.certificate.validToDate), Number.NaN];
    assert.deepEqual(await endsAt(metricsPort), before);

    const from = new Date(today - day);
    const [chain, lists] = [new Date(today + 3 * day), new Date(today + 2 * day)];
    const soon = await issueAuthority({ commonName: 'Ends first', from, to: chain });
    const leaf = await issueServerCertificate(soon, { commonName: 'x', dnsNames: ['*.postern.test'], from, to: new Date(today + 9 * day) });
    await replace(house.directory, 'server.key', leaf.keyPem);
    await replace(house.directory, 'server.pem', leaf.certificatePem + soon.certificatePem);
    await replace(house.directory, 'ca-a.pem', pki.caA.certificatePem + soon.certificatePem);
    await replace(house.directory, 'lists.pem', issueCrl(soon, { revoked: [], number: 1n, from, to: lists }));
    await replace(
      house.directory,
      'config.yaml',
      (await readFile(house.configFile, 'utf8')).replace('ca-a.pem}', 'ca-a.pem, crl_file: lists.pem}'),
    );
    assert.equal(await house.server.reload(), true);
    assert.deepEqual(await endsAt(metricsPort), [seconds(chain), seconds(chain), seconds(lists)]);
  });
});

async function replace(directory: string, name: string, text: string): Promise<void> {
  await writeFile(join(directory, `${name}.new`), text, { mode: 0o600 });
  await rename(join(directory, `${name}.new`), join(directory, name));
}

async function endsAt(port: number): Promise<readonly number[]> {
  const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const names = ['server_certificate_expiry', 'client_ca_expiry', 'crl_next_update'];
  return names.map((name) => Number(new RegExp(`^postern_${name}_timestamp_seconds (\\S+)`, 'm').exec(scraped)?.[1]));
}
