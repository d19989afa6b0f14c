import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { readByteSequence } from '../certificate/headers/consumers.ts';
import { createRandom } from '../fuzz/random.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { headsAt } from './request-head.ts';
import { inline } from './revocation-lists.ts';
import { somebodyWhoSignsIn } from './somebody-who-signs-in.ts';

const pki = await makePki();
const ofB = 'tls_downstream_client_ca_file: ca-b.pem';
const ofBoth = `tls_downstream_client_ca: ${inline(pki.caA.certificatePem + pki.caB.certificatePem)}`;
const anybody = 'allow_public_unauthenticated_access: true';
const known = 'allow_any_authenticated_user: true';
const ownRule = 'certificate_identities: [{name: own, ca_file: ca-b.pem, from: subject_cn, to: user}]';

/** Hosts under one server certificate that differ in what they make of a client certificate; CA A where a route names none. */
const hosts = {
  device: `${known}, authentication: client_certificate`,
  'also-device': `${known}, authentication: client_certificate`,
  either: `${known}, authentication: either`,
  session: known,
  factor: anybody,
  optional: `${anybody}, client_certificate_mode: optional`,
  ignored: `${anybody}, client_certificate_mode: none`,
  members: `${known}, client_certificate_mode: none`,
  partner: `${ofB}, ${known}, authentication: client_certificate`,
  guest: `${ofB}, ${anybody}, authentication: either, client_certificate_mode: optional`,
  anonymous: `${ofB}, ${known}, authentication: client_certificate, anonymous_identity: {user: nobody-known}`,
  mixed: `${ofBoth}, ${known}, authentication: client_certificate`,
  'own-rule': `${ofBoth}, ${known}, authentication: client_certificate, ${ownRule}`,
};
type Host = keyof typeof hosts;
const names = Object.keys(hosts) as readonly Host[];

function configOf(more: string): string {
  const routes = Object.entries(hosts).map(
    ([host, keys]) => `  - {name: ${host}, from: https://${host}.postern.test, to: '{{to}}', ${keys}}`,
  );
  return `
${somebodyWhoSignsIn}
downstream_mtls: {ca_file: ca-a.pem${more}}
pass_identity_headers: true
pass_client_certificate: [rfc9440]
jwt_claims_headers: [email]
certificate_identities:
  - {name: staff, ca_file: ca-a.pem, from: san_email, to: email, domains: [example.com]}
  - {name: partners, ca_file: ca-b.pem, from: subject_cn, to: user}
routes:
${routes.join('\n')}
`;
}

/** What became of a request, and what the upstream was told of who asks. */
interface Outcome {
  readonly status: number | undefined;
  readonly told: string;
}

/**
 * Browsers send requests for every host of a server certificate over one HTTP/2 connection (RFC 9113 section 9.1.1), and with them the client
 * certificate that was chosen for the host the connection was opened for.
 */
for (const [authorities, more] of [
  ['authorities named', ''],
  ['none named', ', send_ca_names: false'],
  ['or no connection', ', enforcement: reject_connection'],
] as const)
  describe(`a certificate of one host, and requests for others on its connection (${authorities})`, () => {
    let street: CertificateHouse;
    /** What each certificate comes to at each host over a connection of its own; undefined: there is no connection. */
    const own = new Map<string, Outcome | undefined>();
    const clients = { alice: pki.alice, bea: pki.ofB, nobody: undefined };
    const people = Object.keys(clients) as readonly (keyof typeof clients)[];

    before(async () => {
      street = await openCertificateHouse({ pki, config: configOf(more) });
      for (const who of people) for (const host of names) own.set(`${who} at ${host}`, (await askOver(host, who, [host]))?.[0]);
    });

    after(() => street[Symbol.asyncDispose]());

    /** A request for each of the hosts, all at once over one connection that was opened for `sni`. */
    async function askOver(sni: Host, who: keyof typeof clients, asked: readonly Host[]): Promise<readonly Outcome[] | undefined> {
      street.upstream.clear();
      const session = await connectTwo(street.house, { sni: `${sni}.postern.test`, client: clients[who] }).catch(() => undefined);
      if (session === undefined) return undefined;
      const answers = await Promise.all(
        asked.map((host, at) => {
          const fields = { ':method': 'GET', ':scheme': 'https', ':path': `/${at}`, ':authority': street.authority(host) };
          // Refused when the connection ends, as it does after a refusal that another certificate could lift.
          return askTwo(session, Object.entries(fields)).catch(() => ({ status: undefined }));
        }),
      );
      session.destroy();
      const heads = headsAt(street.upstream);
      if (answers.every(({ status }) => status === undefined)) return undefined;
      return answers.map(({ status }, at) => ({ status, told: toldIn(heads.get(`/${at}`) ?? []) }));
    }

    it('knows its holder where the host says so, and there alone', () => {
      const staff = 'alice alice@example.com certificate/staff/alice@example.com';
      const refused = more.includes('reject') ? undefined : { status: 495, told: '' };
      // oxfmt-ignore
      const expected: Readonly<Record<Host, readonly [alice: Outcome | undefined, nobody: Outcome | undefined]>> = {
        device:        [{ status: 200, told: staff },   refused],
        'also-device': [{ status: 200, told: staff },   refused],
        either:        [{ status: 200, told: staff },   { status: 302, told: '' }],
        session:       [{ status: 302, told: '' },      refused],
        factor:        [{ status: 200, told: 'alice' }, refused],
        optional:      [{ status: 200, told: 'alice' }, { status: 200, told: '' }],
        ignored:       [{ status: 200, told: '' },      { status: 200, told: '' }],
        members:       [{ status: 302, told: '' },      { status: 302, told: '' }],
        partner:       [refused,                        refused],
        guest:         [{ status: 495, told: '' },      { status: 200, told: '' }],
        anonymous:     [{ status: 200, told: 'undefined nobody-known' }, { status: 200, told: 'undefined nobody-known' }],
        mixed:         [{ status: 200, told: staff },   refused],
        'own-rule':    [{ status: 403, told: '' },      refused],
      };
      const seen = Object.fromEntries(names.map((host) => [host, [own.get(`alice at ${host}`), own.get(`nobody at ${host}`)]]));
      assert.deepEqual(seen, expected);
    });

    for (const who of people)
      it(`says no more of ${who} at any host than over a connection of that host's own`, async () => {
        const random = createRandom(`${who} ${authorities}`);
        const ends = (host: Host): number => Number([403, 495, undefined].includes(own.get(`${who} at ${host}`)?.status));
        for (const sni of names) {
          // Several times and in any order: what one request made of the certificate is remembered for the next.
          const asked = random.times(2 * names.length, () => random.pick(names)).toSorted((one, other) => ends(one) - ends(other));
          const outcomes = await askOver(sni, who, asked);
          if (outcomes === undefined) assert.equal(own.get(`${who} at ${sni}`), undefined, `no connection for ${sni}`);
          for (const [at, outcome] of outcomes?.entries() ?? []) {
            const host = asked[at] ?? sni;
            const isElsewhere = outcome.status === 421 && host !== sni;
            const isCutOff = outcome.status === undefined && ends(host) === 1;
            const expected = isElsewhere || isCutOff ? { status: outcome.status, told: '' } : own.get(`${who} at ${host}`);
            assert.deepEqual(outcome, expected, `${host} over ${sni}`);
          }
        }
      });
  });

/** Everything that names somebody; empty where nothing does. */
function toldIn(fields: readonly (readonly [name: string, value: string])[]): string {
  const told = fields.flatMap(([name, value]) => {
    if (name === 'client-cert') return /CN=(.*)/.exec(new X509Certificate(readByteSequence(value)).subject)?.[1] ?? '?';
    if (name === 'x-pomerium-jwt-assertion') {
      const payload = Buffer.from(value.split('.')[1] ?? '', 'base64url').toString('utf8');
      const { email, sub } = JSON.parse(payload) as { readonly email?: string; readonly sub?: string };
      return `${email} ${sub}`;
    }
    return name.startsWith('x-pomerium-claim') && value !== '' && value !== 'alice@example.com' ? `${name}: ${value}` : [];
  });
  return told.join(' ');
}
