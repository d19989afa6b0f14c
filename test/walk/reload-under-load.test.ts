import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { configText, openHouse } from './house.ts';
import { openHttp2 } from './http2-client.ts';
import type { Seen } from './recorder.ts';
import { openEcho } from './recorder.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Each generation of the configuration names itself in a header, and every other one closes a host. */
describe('a reload', () => {
  let house: House;
  let echo: AsyncDisposable & { readonly url: string };
  let metricsPort: number;
  let written = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });

  const configOf = (generation: number): string => `
metrics_address: 127.0.0.1:${metricsPort}
routes:
  - {name: app, from: https://app.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true, set_request_headers: {X-Generation: "${generation}"}}
  - {name: door, from: https://door.postern.test, to: ${echo.url}, policy: {allow: {or: [{${generation % 2 === 0 ? 'accept' : 'reject'}: true}]}}, set_request_headers: {X-Generation: "${generation}"}}
  - {name: certified, from: https://certified.postern.test, to: ${echo.url}, allow_public_unauthenticated_access: true, tls_downstream_client_ca_file: ${generation % 2 === 0 ? 'ca-a.pem' : 'ca-b.pem'}}
`;

  before(async () => {
    echo = await openEcho();
    metricsPort = await freePort();
    house = await openHouse({ config: configOf(0) });
  });

  after(async () => {
    agent.destroy();
    await house[Symbol.asyncDispose]();
    await echo[Symbol.asyncDispose]();
  });

  async function write(generation: number): Promise<void> {
    written = generation;
    await writeFile(house.configFile, configText(configOf(generation), house.port));
  }

  function visit(host: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { port, pki } = house;
      const servername = `${host}.postern.test`;
      const options = { host: '127.0.0.1', port, servername, headers: { host: servername }, ca: pki.serverCa.certificatePem, agent };
      const request = httpsRequest(options, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end();
    });
  }

  it('loses no request and answers none by a configuration that was not in force', async () => {
    const connections = await Promise.all([openHttp2(house, 'app.postern.test'), openHttp2(house, 'door.postern.test')]);
    let inForce = 0;
    const load = { isOn: true };
    const answered: Record<string, number> = {};
    const wrong: string[] = [];

    async function client(ask: () => Promise<Answer>, isDoor: boolean): Promise<void> {
      while (load.isOn) {
        const earliest = inForce;
        const { status, body } = await ask();
        const generations = Array.from({ length: written - earliest + 1 }, (_, index) => earliest + index);
        const fits =
          status === 200
            ? generations.includes(Number((JSON.parse(body) as Seen).headers['x-generation']))
            : isDoor && status === 403 && generations.some((generation) => generation % 2 === 1);
        if (!fits) wrong.push(`${status} between ${earliest} and ${written}: ${body.slice(0, 100)}`);
        const key = `${isDoor ? 'door' : 'app'} ${status}`;
        answered[key] = (answered[key] ?? 0) + 1;
      }
    }

    const clients = [
      ...Array.from({ length: 4 }, () => client(() => visit('app'), false)),
      ...Array.from({ length: 4 }, () => client(() => visit('door'), true)),
      client(() => connections[0].ask(), false),
      client(() => connections[1].ask(), true),
    ];
    for (let generation = 1; generation <= 24; generation += 1) {
      await write(generation);
      assert.equal(await house.server.reload(), true);
      inForce = generation;
      await Promise.all([visit('app'), visit('door')]);
    }
    load.isOn = false;
    await Promise.all(clients);
    await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
    assert.deepEqual(wrong, []);
    const total = Object.values(answered).reduce((sum, count) => sum + count, 0);
    assert.ok(total >= 300, `only ${total} requests were made`);
    assert.deepEqual(Object.keys(answered).toSorted(), ['app 200', 'door 200', 'door 403']);
  });

  it('judges the next request of an old connection by the new authorities', async () => {
    await write(40);
    await house.server.reload();
    await using connection = await openHttp2(house, 'certified.postern.test', house.pki.alice);
    const earlier = await connection.ask();
    await write(41);
    await house.server.reload();
    const afterwards = await connection.ask();
    assert.deepEqual([earlier.status, afterwards.status], [200, 495]);
    await using fresh = await openHttp2(house, 'certified.postern.test', house.pki.alice);
    assert.equal((await fresh.ask()).status, 495);
  });

  it('of a bad configuration changes nothing, and tells every problem in one line', async () => {
    await write(50);
    await house.server.reload();
    const lines = house.log.length;
    const bad = configText(configOf(51), house.port).replaceAll('allow_public_unauthenticated_access', 'allow_pubic_access');
    await writeFile(house.configFile, bad);
    assert.equal(await house.server.reload(), false);
    const errors = house.log.slice(lines).filter(({ level }) => level === 'error');
    assert.equal(errors.length, 1);
    assert.match(String(errors[0]?.['msg']), /refused/);
    const problems = errors[0]?.['problems'] as readonly string[];
    assert.deepEqual(
      problems.map((problem) => /config\.yaml:\d+:\d+ unknown key "allow_pubic_access"/.test(problem)),
      [true, true],
    );
    assert.deepEqual([generationOf(await visit('app')), await metric('postern_config_last_reload_success')], ['50', '0']);
    await write(52);
    await house.server.reload();
    assert.deepEqual([generationOf(await visit('app')), await metric('postern_config_last_reload_success')], ['52', '1']);
  });

  it('keeps the old authorities when a new file of them is broken', async () => {
    await write(60);
    await house.server.reload();
    const file = join(house.directory, 'ca-a.pem');
    await writeFile(file, `${house.pki.caA.certificatePem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
    assert.equal(await house.server.reload(), false);
    await using connection = await openHttp2(house, 'certified.postern.test', house.pki.alice);
    assert.equal((await connection.ask()).status, 200);
    await writeFile(file, house.pki.caA.certificatePem);
    assert.equal(await house.server.reload(), true);
  });

  it('follows an atomic rename over the file, by itself and within two seconds', async () => {
    const beside = join(house.directory, 'config.new');
    await writeFile(beside, configText(configOf(70), house.port));
    await rename(beside, house.configFile);
    assert.ok((await untilGeneration('70')) < 2_000);
  });

  it('follows the swap of a symbolic link to a directory, as Kubernetes makes it', async () => {
    const { directory, configFile } = house;
    for (const generation of [80, 82]) {
      const folder = join(directory, `..data-${generation}`);
      await mkdir(folder);
      await writeFile(join(folder, 'config.yaml'), configText(configOf(generation), house.port));
    }
    await symlink('..data-80', join(directory, '..data'));
    await symlink(join('..data', 'config.yaml'), join(directory, 'config.link'));
    await rename(join(directory, 'config.link'), configFile);
    await untilGeneration('80');
    await symlink('..data-82', join(directory, '..data-new'));
    await rename(join(directory, '..data-new'), join(directory, '..data'));
    assert.ok((await untilGeneration('82')) < 2_000);
  });

  it('is tried again when a file that was missing appears', async () => {
    const named = configText(configOf(90), house.port).replaceAll('ca-a.pem', 'ca-late.pem');
    await writeFile(join(house.directory, 'config.new'), named);
    await rename(join(house.directory, 'config.new'), house.configFile);
    await house.logLine(({ problems }) => Array.isArray(problems) && problems.some((problem) => String(problem).includes('ca-late.pem')));
    assert.equal(generationOf(await visit('app')), '82');
    await writeFile(join(house.directory, 'ca-late.pem'), house.pki.caA.certificatePem);
    assert.ok((await untilGeneration('90')) < 2_000);
  });

  /** Asks until the generation is in force; answers how long that took, in milliseconds. */
  async function untilGeneration(wanted: string): Promise<number> {
    const started = performance.now();
    while (generationOf(await visit('app')) !== wanted) {
      if (performance.now() - started > 5_000) assert.fail(`generation ${wanted} is not in force after five seconds`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - started;
  }

  async function metric(name: string): Promise<string | undefined> {
    const [response] = (await once(get({ host: '127.0.0.1', port: metricsPort, path: '/metrics', agent: false }), 'response')) as [
      IncomingMessage,
    ];
    const chunks: Buffer[] = await response.toArray();
    return new RegExp(`^${name} (.*)$`, 'm').exec(Buffer.concat(chunks).toString())?.[1];
  }
});

function generationOf({ status, body }: Answer): string | undefined {
  return status === 200 ? (JSON.parse(body) as Seen).headers['x-generation'] : undefined;
}
