import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { serve } from '../../src/serve.ts';
import { freePort } from '../free-ports.ts';
import { configText, openHouse } from './house.ts';
import { makePki } from './pki.ts';

const auth = Buffer.from('scraper:sesame').toString('base64');

describe('metrics that not everybody may read', () => {
  it('are served over TLS to whoever has a certificate and the password', async () => {
    const pki = await makePki();
    const port = await freePort();
    const guarded = 'metrics_certificate_file: server.pem\nmetrics_certificate_key_file: server.key\nmetrics_client_ca_file: ca-a.pem';
    await using house = await openHouse({
      pki,
      config: `metrics_address: 127.0.0.1:${port}\nmetrics_basic_auth: ${auth}\n${guarded}\nroutes: []`,
    });
    const status = (client: Issued | undefined, authorization: string): Promise<number> =>
      new Promise((resolve) => {
        const own = client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem };
        const given = {
          port,
          servername: 'metrics.postern.test',
          ca: pki.serverCa.certificatePem,
          headers: { authorization },
          agent: false,
        };
        const asked = request({ host: '127.0.0.1', path: '/metrics', ...given, ...own }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        asked.on('error', () => resolve(0));
        asked.end();
      });
    assert.deepEqual(
      [
        await status(pki.alice, `Basic ${auth}`),
        await status(pki.alice, 'Basic eDp5'),
        await status(pki.ofB, `Basic ${auth}`),
        await status(undefined, `Basic ${auth}`),
      ],
      [200, 401, 0, 0],
    );
    await writeFile(house.configFile, configText(`metrics_address: 127.0.0.1:${port}\nmetrics_basic_auth: eDp5\nroutes: []`, house.port));
    assert.equal(await house.server.reload(), true);
    const line = await house.logLine(({ msg }) => msg === 'The new configuration is in force');
    assert.deepEqual(line['needs_restart'], ['metrics_basic_auth', 'metrics_certificate', 'metrics_client_ca']);
  });

  it('do not share an address with the health checks, which is told before anything opens', async () => {
    await using house = await openHouse({ config: 'routes: []' });
    const [port, shared] = [await freePort(), await freePort()];
    const config = configText(`metrics_address: 127.0.0.1:${shared}\nmetrics_basic_auth: ${auth}\nroutes: []`, port, shared);
    await writeFile(house.configFile, config);
    const served = await serve({
      file: house.configFile,
      environment: undefined,
      now: () => Date.now(),
      writeLog: () => undefined,
      showProblems: () => undefined,
    });
    assert.deepEqual(served.ok ? [] : served.problems.map(({ code }) => code).filter((code) => code !== 'no-routes'), ['conflicting-keys']);
  });
});
