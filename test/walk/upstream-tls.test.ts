import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import type { TlsUpstream } from '../upstream/tls-upstream.ts';
import { openTls } from '../upstream/tls-upstream.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { ask, configText, openHouse } from './house.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };

describe('upstreams that speak TLS', () => {
  let house: House;
  let good: TlsUpstream;
  let late: TlsUpstream;
  let asking: TlsUpstream;
  let ca: Issued;
  let client: Issued;

  before(async () => {
    ca = await issueAuthority({ commonName: 'Upstream CA', ...validity });
    client = await issueClientCertificate(ca, { commonName: 'postern', ...validity });
    const named = (to: Date): Promise<Issued> =>
      issueServerCertificate(ca, { commonName: 'x', dnsNames: ['app.internal'], from: validity.from, to });
    good = await openTls(await named(validity.to));
    late = await openTls(await named(new Date('2021-01-01T00:00:00Z')));
    asking = await openTls(await named(validity.to), { clientCa: ca.certificatePem });
    house = await openHouse({ config: 'routes: []' });
    await writeFile(join(house.directory, 'upstream-ca.pem'), ca.certificatePem);
    await writeFile(join(house.directory, 'client.pem'), client.certificatePem);
    await writeFile(join(house.directory, 'client.key'), client.keyPem, { mode: 0o600 });
  });

  after(async () => {
    await house[Symbol.asyncDispose]();
    for (const upstream of [good, late, asking]) await upstream[Symbol.asyncDispose]();
  });

  async function configure(upstream: TlsUpstream, keys: string, global = ''): Promise<boolean> {
    const route = `from: https://app.postern.test, to: "https://localhost:${upstream.port}", allow_public_unauthenticated_access: true`;
    await writeFile(house.configFile, configText(`${global}\nroutes: [{${route}${keys}}]`, house.port));
    return house.server.reload();
  }

  async function statusWith(upstream: TlsUpstream, keys: string, global = ''): Promise<number> {
    assert.equal(await configure(upstream, keys, global), true, house.problems.at(-1)?.message ?? '');
    return (await ask(house, 'https://app.postern.test/')).status;
  }

  const named = ', tls_upstream_server_name: app.internal, tls_custom_ca_file: upstream-ca.pem';

  it('are believed as the route says, and every other one is 503', async () => {
    assert.deepEqual(
      [
        await statusWith(good, ''),
        await statusWith(good, ', tls_custom_ca_file: upstream-ca.pem'),
        await statusWith(good, named),
        await statusWith(good, ', tls_server_name: app.internal', 'certificate_authority_file: upstream-ca.pem'),
        await statusWith(good, ', tls_skip_verify: true, tls_custom_ca_file: ca-b.pem'),
        await statusWith(late, named),
        await statusWith(asking, named),
        await statusWith(asking, `${named}, tls_client_cert_file: client.pem, tls_client_key_file: client.key`),
      ],
      [503, 503, 200, 200, 200, 503, 503, 200],
    );
  });

  it('have their certificates proven before the configuration is in force', async () => {
    await writeFile(join(house.directory, 'broken.pem'), `${ca.certificatePem}-----BEGIN CERTIFICATE-----\n`);
    await writeFile(join(house.directory, 'empty.pem'), '');
    const refused: readonly (readonly [keys: string, global: string])[] = [
      [', tls_custom_ca_file: broken.pem', ''],
      [', tls_custom_ca_file: empty.pem', ''],
      [', tls_custom_ca_file: missing.pem', ''],
      [', tls_skip_verify: true, tls_custom_ca_file: broken.pem', ''],
      ['', 'certificate_authority_file: broken.pem'],
      ['', 'certificate_authority_file: empty.pem'],
      ['', 'certificate_authority_file: client.key'],
      [', tls_client_cert_file: client.pem, tls_client_key_file: server.key', ''],
    ];
    for (const [keys, global] of refused) {
      const known = house.problems.length;
      assert.equal(await configure(good, keys, global), false, keys + global);
      const told = house.problems.slice(known).filter(({ severity }) => severity === 'error');
      assert.deepEqual([told.length, told[0]?.place?.kind], [1, 'file'], keys + global);
    }
  });
});

describe('a provider whose certificate is of an authority of our own', () => {
  it('is asked when that authority is configured, also from a reload on, and not before', async () => {
    const ca = await issueAuthority({ commonName: 'Provider CA', ...validity });
    await using provider = await openTls(await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['localhost'], ...validity }));
    const port = await freePort();
    const config = `
authenticate_service_url: https://auth.postern.test:${port}
idp_provider: oidc
idp_provider_url: https://localhost:${provider.port}
idp_client_id: id
idp_client_secret: secret
routes: [{from: https://app.postern.test, to: http://127.0.0.1:9, allow_any_authenticated_user: true}]`;
    await using house = await openHouse({ config, port });
    const signIn = async (): Promise<readonly number[]> => {
      const { status, headers } = await ask(house, `https://app.postern.test:${port}/`);
      const { status: then } = await ask(house, headers.location ?? '');
      return [status, then, provider.requests()];
    };
    assert.deepEqual(await signIn(), [302, 503, 0]);
    await writeFile(join(house.directory, 'provider-ca.pem'), ca.certificatePem);
    await writeFile(house.configFile, configText(`certificate_authority_file: provider-ca.pem\n${config}`, port));
    assert.equal(await house.server.reload(), true);
    const [first, , asked] = await signIn();
    // It answers, and no discovery document: what matters is that it was believed.
    assert.deepEqual([first, (asked ?? 0) > 0], [302, true]);
  });
});
