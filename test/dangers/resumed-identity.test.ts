import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { configText } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import type { OpensslClient } from './openssl-client.ts';
import { openOpenssl } from './openssl-client.ts';
import { headsAt } from './request-head.ts';
import { crlOf, inline } from './revocation-lists.ts';
import { somebodyWhoSignsIn } from './somebody-who-signs-in.ts';

const pki = await makePki();
const versions = ['-tls1_2', '-tls1_3'] as const;
const anybody = 'allow_public_unauthenticated_access: true';
const known = 'allow_any_authenticated_user: true';
const hosts = {
  device: `${known}, authentication: client_certificate`,
  either: `${known}, authentication: either`,
  optional: `${anybody}, client_certificate_mode: optional`,
  partner: `tls_downstream_client_ca_file: ca-b.pem, ${known}, authentication: client_certificate, anonymous_identity: {user: nobody-known}`,
  members: `${known}, client_certificate_mode: none`,
  ignored: `${anybody}, client_certificate_mode: none`,
} as const;
type Host = keyof typeof hosts;
const routes = Object.entries(hosts).map(
  ([host, keys]) => `  - {name: ${host}, from: https://${host}.postern.test, to: '{{to}}', ${keys}}`,
);

/** `own` stands in `downstream_mtls` beside the authority. */
function configOf(own: string, ca = pki.caA): string {
  return `
${somebodyWhoSignsIn}
downstream_mtls: {ca: ${inline(ca.certificatePem)}, enforcement: policy_with_default_deny${own}}
pass_client_certificate: [x_client]
pass_identity_headers: true
certificate_identities: [{name: staff, from: san_email, to: email, domains: [example.com]}]
routes:
${routes.join('\n')}
`;
}

/** Where the certificate of the session was presented, where the session is offered without it, and what becomes of that. */
interface Vector {
  readonly first: Host;
  readonly second: Host;
  readonly status: number;
}

// oxfmt-ignore
const vectors: readonly Vector[] = [
  { first: 'device',   second: 'device',   status: 495 },
  { first: 'device',   second: 'either',   status: 302 },
  { first: 'device',   second: 'optional', status: 200 },
  { first: 'device',   second: 'partner',  status: 200 },
  { first: 'device',   second: 'members',  status: 302 },
  { first: 'either',   second: 'either',   status: 302 },
  { first: 'either',   second: 'device',   status: 495 },
  { first: 'optional', second: 'optional', status: 200 },
  { first: 'optional', second: 'device',   status: 495 },
  { first: 'optional', second: 'partner',  status: 200 },
  { first: 'ignored',  second: 'device',   status: 495 },
  { first: 'ignored',  second: 'either',   status: 302 },
];

/**
 * A resumed handshake carries no certificate, and a server that remembers one goes on believing in it: in whose name, for which host and
 * under which authorities it was presented is all forgotten (CVE-2025-23419, CVE-2022-21654, CVE-2025-68121).
 */
describe('a TLS session that was begun with the certificate of somebody', () => {
  let street: CertificateHouse;
  let quiet: CertificateHouse;
  let changing: CertificateHouse;
  let openssl: OpensslClient;
  let runs = 0;

  before(async () => {
    [street, quiet, changing, openssl] = await Promise.all([
      openCertificateHouse({ pki, config: configOf('') }),
      openCertificateHouse({ pki, config: configOf(', send_ca_names: false') }),
      openCertificateHouse({ pki, config: configOf('') }),
      openOpenssl(),
    ]);
  });

  after(async () => {
    await openssl[Symbol.asyncDispose]();
    await changing[Symbol.asyncDispose]();
    await quiet[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  /** Several may be under way at once: each has a path and a session file of its own. */
  async function ask({ house, authority, upstream }: CertificateHouse, host: Host, client: typeof pki.alice | undefined, more: string[]) {
    const path = `/run-${(runs += 1)}`;
    const input = `GET ${path} HTTP/1.1\r\nHost: ${authority(host)}\r\nConnection: close\r\n\r\n`;
    const { status, resumed } = await openssl.run({ port: house.port, sni: `${host}.postern.test`, client, input, more });
    const told = (headsAt(upstream).get(path) ?? []).map(([name, value]) =>
      name === 'x-pomerium-jwt-assertion' ? subjectOf(value) : value,
    );
    return { status, resumed, isAlice: told.some((value) => value.includes('alice')) };
  }

  for (const version of versions) {
    it(`brings nobody's name to any host without that certificate (${version})`, async () => {
      // Where no authority is named, other settings of the TLS layer are in force: of each kind of host one.
      const places = [
        ...vectors.map((vector) => ({ place: street, ...vector })),
        ...vectors.filter(({ first }) => first === 'device').map((vector) => ({ place: quiet, ...vector })),
      ];
      const sessions = new Map<string, string>();
      for (const { place, first } of places) {
        const key = `${first}${version}${place.house.port}`;
        if (sessions.has(key)) continue;
        sessions.set(key, openssl.file(key));
        const begun = await ask(place, first, pki.alice, [version, '-sess_out', openssl.file(key)]);
        assert.deepEqual(begun, { status: 200, resumed: false, isAlice: first !== 'ignored' });
      }
      const seen = await Promise.all(
        places.map(async ({ place, first, second }) => {
          const session = sessions.get(`${first}${version}${place.house.port}`) ?? '';
          return { first, second, ...(await ask(place, second, undefined, [version, '-sess_in', session])) };
        }),
      );
      const expected = places.map(({ first, second, status }) => ({ first, second, status, resumed: false, isAlice: false }));
      assert.deepEqual(seen, expected);
    });

    it(`is worth nothing after the certificate was revoked, or its authority replaced (${version})`, async () => {
      const changes = [configOf(`, crl: ${inline(crlOf(pki.caA, [pki.alice]))}`), configOf('', pki.caB)];
      for (const [at, changed] of changes.entries()) {
        await put(changing, configOf(''));
        const session = openssl.file(`changed-${at}${version}`);
        assert.equal((await ask(changing, 'optional', pki.alice, [version, '-sess_out', session])).isAlice, true);
        await put(changing, changed);
        for (const [host, client, status] of [
          ['optional', undefined, 200],
          ['optional', pki.alice, 495],
          ['device', undefined, 495],
        ] as const) {
          const late = await ask(changing, host, client, [version, '-sess_in', session]);
          assert.deepEqual(late, { status, resumed: false, isAlice: false }, `${host} after change ${at}`);
        }
      }
    });
  }
});

async function put({ house, upstream }: CertificateHouse, config: string): Promise<void> {
  await writeFile(house.configFile, configText(config.replaceAll('{{to}}', upstream.url), house.port));
  assert.equal(await house.server.reload(), true);
}

function subjectOf(assertion: string): string {
  return Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8');
}
