import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Problem } from '../../src/config/problem.ts';
import { serve } from '../../src/serve.ts';
import { freePort } from '../free-ports.ts';
import { ask, configText } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { brokenAuthorities, expiredAuthority } from './broken-authorities.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';

const pki = await makePki();
const cases = await brokenAuthorities(pki);
const route = "from: https://a.postern.test, to: '{{to}}', allow_public_unauthenticated_access: true";
const places: Readonly<Record<string, (ca: string) => string>> = {
  'of one route': (ca) => `routes: [{${route}, tls_downstream_client_ca_file: ${ca}}]`,
  'of every route': (ca) => `downstream_mtls: {ca_file: ${ca}}\nroutes: [{${route}}]`,
  'of every route, in its older spelling': (ca) => `client_ca_file: ${ca}\nroutes: [{${route}}]`,
};
const served = { alice: 200, nobody: 495, stranger: 495 };

/**
 * A CA file that can't be used must not leave a host open, as it did where what could not be read was left out (Caddy CVE-2026-27586,
 * Traefik CVE-2022-46153): without any authority, Node would trust the public ones.
 */
describe('a broken client CA file', () => {
  const streets: { readonly place: string; readonly street: CertificateHouse }[] = [];

  before(async () => {
    for (const [place, text] of Object.entries(places))
      streets.push({ place, street: await openCertificateHouse({ pki, config: text('ca-a.pem') }) });
  });

  after(async () => {
    for (const { street } of streets) await street[Symbol.asyncDispose]();
  });

  const first = (): CertificateHouse => {
    const [street] = streets;
    assert.ok(street);
    return street.street;
  };

  /** The errors of a start that should not be one. */
  async function startErrors(config: string): Promise<readonly Problem[]> {
    const { house, upstream } = first();
    const file = join(house.directory, 'tested.yaml');
    await writeFile(file, configText(config.replace('{{to}}', upstream.url), await freePort()));
    const started = await serve({
      file,
      environment: undefined,
      now: () => Date.now(),
      writeLog: () => undefined,
      showProblems: () => undefined,
    });
    if (started.ok) await started.server.stop(0);
    return started.ok ? [] : started.problems.filter(({ severity }) => severity === 'error');
  }

  for (const { what, text, complaint } of cases) {
    it(`(${what}) lets nothing start, and is named with the place that names it`, async () => {
      await write(first(), 'ca-tested.pem', text);
      for (const [place, config] of Object.entries(places)) {
        const [error, ...others] = await startErrors(config('ca-tested.pem'));
        assert.deepEqual(others, [], place);
        assert.match(error?.message ?? 'it started', complaint);
        assert.match(error?.message ?? '', /"[^"]*ca-tested\.pem"/);
        assert.match(error?.place?.kind === 'file' ? error.place.sourceLine : '', /ca-tested\.pem/);
      }
    });

    it(`(${what}) is refused on reload, and what was in force serves on`, async () => {
      for (const { place, street } of streets) {
        await write(street, 'ca-a.pem', text);
        assert.equal(await street.house.server.reload(), false, place);
        const problems = String(lastError(street)?.['problems']);
        assert.match(problems, complaint);
        assert.match(problems, /ca-a\.pem/);
        assert.deepEqual(await answers(street), served, place);
      }
    });
  }

  it('is refused in the configuration itself as well: a key without a value asks for no certificate from anybody', async () => {
    for (const empty of ['', "''", "' '", '[]', 'ca-a.pem'])
      assert.notDeepEqual(await startErrors(`routes: [{${route}, tls_downstream_client_ca: ${empty}}]`), [], `"${empty}"`);
  });

  it('does not hide another one: all are told at once', async () => {
    await write(first(), 'ca-tested.pem', 'garbage');
    const errors = await startErrors(
      `downstream_mtls: {ca_file: ca-tested.pem}\nroutes: [{${route}, tls_downstream_client_ca_file: server.key}]`,
    );
    assert.equal(errors.length, 2);
    assert.match(errors.map(({ message }) => message).join('\n'), /"ca-tested\.pem"[^]*"server\.key"/);
  });

  it('does not keep out what else is in it when only one of several has expired', async () => {
    const street = first();
    const { certificatePem } = await expiredAuthority('Old');
    await write(street, 'ca-a.pem', certificatePem + pki.caA.certificatePem);
    assert.equal(await street.house.server.reload(), true);
    assert.deepEqual(await answers(street), served);
  });

  it('is seen without being told, with one line in the log and 0 in the metrics; mended, it is in force', async () => {
    const metricsPort = await freePort();
    const config = `metrics_address: 127.0.0.1:${metricsPort}\n${places['of one route']?.('ca-a.pem')}`;
    await using street = await openCertificateHouse({ pki, config });
    const { house } = street;
    await write(street, 'ca-a.pem', pki.caA.certificatePem.slice(0, 300));
    const error = await house.logLine(({ level }) => level === 'error');
    assert.deepEqual([await lastReloadSuccess(metricsPort), await answers(street)], [0, served]);
    await write(street, 'ca-a.pem', pki.caB.certificatePem);
    await house.logLine(({ msg }) => msg === 'The new configuration is in force');
    assert.deepEqual([await lastReloadSuccess(metricsPort), await answers(street)], [1, { alice: 495, nobody: 495, stranger: 200 }]);
    assert.deepEqual(
      house.log.filter(({ level }) => level === 'error'),
      [error],
    );
  });
});

async function write({ house }: CertificateHouse, name: string, text: string | Buffer | undefined): Promise<void> {
  const file = join(house.directory, name);
  if (text === undefined) await rm(file, { force: true });
  else await writeFile(file, text);
}

async function answers({ house, upstream, url }: CertificateHouse) {
  const alice = await ask(house, url('a'), { client: pki.alice });
  upstream.clear();
  const [nobody, stranger] = await Promise.all([ask(house, url('a')), ask(house, url('a'), { client: pki.ofB })]);
  if (stranger.status === 495) assert.equal(upstream.bytes(), '');
  return { alice: alice.status, nobody: nobody.status, stranger: stranger.status };
}

function lastError({ house }: CertificateHouse) {
  return house.log.findLast(({ level }) => level === 'error');
}

async function lastReloadSuccess(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^postern_config_last_reload_success (\d)/m.exec(text)?.[1]);
}
