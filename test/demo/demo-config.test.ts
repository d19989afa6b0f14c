import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeDemoConfig } from '../../demo/demo-config.ts';
import { prepareState } from '../../demo/demo-state.ts';
import { readSettings } from '../../src/config/read-settings.ts';

let directory = '';
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  await prepareState(directory, Date.UTC(2030, 0, 1));
});
after(() => {
  rmSync(directory, { recursive: true });
});

describe('writeDemoConfig()', () => {
  it('writes a configuration without problems and without warnings, on loopback only', () => {
    const file = join(directory, 'config.yaml');
    const provider = { issuer: 'http://localhost:9001', clientId: 'postern', clientSecret: 's' };
    writeFileSync(
      file,
      writeDemoConfig({ port: 9000, metricsPort: 9002, healthPort: 9003, provider, upstreamPorts: { verify: 1, echo: 2 } }),
    );
    const read = readSettings({ file, environment: undefined });
    assert.ok(read.ok, JSON.stringify(read));
    const { settings, warnings } = read.document;
    assert.deepEqual(warnings, []);
    assert.deepEqual(settings.address, [{ host: '127.0.0.1', port: 9000 }]);
    assert.deepEqual(settings.metrics?.address, { host: '127.0.0.1', port: 9002 });
    assert.deepEqual(settings.healthCheckAddress, { host: '127.0.0.1', port: 9003 });
    assert.deepEqual(
      settings.routes.map(({ host, port, action, clientCa }) => [
        host,
        port,
        action.kind === 'forward' ? action.to[0]?.url.port : undefined,
        clientCa !== undefined,
      ]),
      [
        ['public.postern.localhost', 9000, '2', false],
        ['signed-in.postern.localhost', 9000, '1', false],
        ['admins.postern.localhost', 9000, '1', false],
        ['certificate.postern.localhost', 9000, '1', true],
        ['both.postern.localhost', 9000, '1', true],
        ['socket.postern.localhost', 9000, '2', false],
      ],
    );
  });
});
