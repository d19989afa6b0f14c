import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import type { AcceptedDialect } from '../../src/config/certificate-header-settings.ts';
import type { AskOptions } from '../walk/house.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateCase } from './certificate-cases.ts';
import { certificateCases } from './certificate-cases.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { askRaw, requestText } from './raw-client.ts';
import { askTwo, connectTwo } from './raw-http2.ts';
import { fieldsAt } from './request-head.ts';
import { inline } from './revocation-lists.ts';

const pki = await makePki();
const cases = await certificateCases(pki);
const open = "to: '{{to}}', allow_public_unauthenticated_access: true, allow_websockets: true";
const known = "to: '{{to}}', allow_any_authenticated_user: true, authentication: client_certificate";

function configOf(dialect: AcceptedDialect, from: string): string {
  return `
accept_client_certificate: {dialect: ${dialect}, from: ${from}}
downstream_mtls: {ca: ${inline(pki.caA.certificatePem)}, max_verify_depth: 2}
pass_client_certificate: [x_client]
pass_identity_headers: true
jwt_claims_headers: [email]
certificate_identities: [{name: staff, ca_file: ca-a.pem, from: san_email, to: email, domains: [example.com]}]
routes:
  - {from: https://a.postern.test, ${open}}
  - {from: https://optional.postern.test, ${open}, client_certificate_mode: optional}
  - {from: https://known.postern.test, ${known}}
  - {from: https://anonymous.postern.test, ${known}, anonymous_identity: {user: nobody-known}}
`;
}

type Headers = Readonly<Record<string, string>>;

/** As a proxy in front would write what it was shown. */
const written: Readonly<Record<AcceptedDialect, (leaf: Issued, chain: readonly Issued[]) => Headers>> = {
  rfc9440: (leaf, chain) => ({
    'Client-Cert': sequence(leaf),
    ...(chain.length === 0 ? {} : { 'Client-Cert-Chain': chain.map(sequence).join(', ') }),
  }),
  xfcc: (leaf, chain) => ({
    'X-Forwarded-Client-Cert': `Hash=${sha256(leaf)};Cert="${escaped([leaf])}";Chain="${escaped([leaf, ...chain])}"`,
  }),
  traefik: (leaf, chain) => ({ 'X-Forwarded-Tls-Client-Cert': [leaf, ...chain].map(base64).join(',') }),
  // It has no place for a chain.
  nginx: (leaf) => ({ 'ssl-client-cert': escaped([leaf]), 'ssl-client-verify': 'SUCCESS' }),
};
const dialects = Object.keys(written) as readonly AcceptedDialect[];

/** Certificates are no secrets: whoever may say in a header that one was presented is whoever it names. */
for (const dialect of dialects)
  describe(`a certificate that a header tells of (${dialect})`, () => {
    const good = Object.entries(written[dialect](pki.alice, []));
    let street: CertificateHouse;

    before(async () => {
      street = await openCertificateHouse({ pki, config: configOf(dialect, '[127.0.0.1]') });
    });

    beforeEach(() => street.upstream.clear());

    after(() => street[Symbol.asyncDispose]());

    it('is judged as if it had been presented: the same verdict in each case', async () => {
      const seen: unknown[] = [];
      const expected: unknown[] = [];
      for (const [index, tested] of cases.entries()) {
        if (dialect === 'nginx' && tested.chain.length > 0) continue;
        const headers = tested.leaf === undefined ? {} : written[dialect](tested.leaf, tested.chain);
        const path = `/case-${index}`;
        // The certificate of the proxy itself, a good one of somebody else, must not stand in.
        const { status } = await ask(street.house, street.url('a', path), { headers, client: pki.alice });
        const line = await street.house.logLine((entry) => entry['path'] === path);
        seen.push([tested.what, status, line['reasons'], line['certificate_detail'], street.upstream.bytes().includes(`${path} `)]);
        expected.push(verdictOf(tested));
      }
      assert.deepEqual(seen, expected);
    });

    it('is the identity of its holder when it is good, and of nobody otherwise', async () => {
      const outcomes = [];
      for (const [host, options] of [
        ['known', told(dialect, pki.alice)],
        ['known', told(dialect, pki.ofSameName)],
        ['known', told(dialect, pki.expired)],
        ['known', { client: pki.alice }],
        ['optional', told(dialect, pki.ofSameName)],
        ['optional', { client: pki.alice }],
        ['anonymous', told(dialect, pki.ofSameName)],
        ['anonymous', { client: pki.alice }],
      ] as const)
        outcomes.push([host, ...(await outcome(street, host, options))]);
      assert.deepEqual(outcomes, [
        ['known', 200, 'CN=alice', 'alice@example.com'],
        ['known', 495],
        ['known', 495],
        ['known', 495],
        ['optional', 495],
        ['optional', 200],
        ['anonymous', 200],
        ['anonymous', 200],
      ]);
    });

    it('is refused where two readers could read two things, in every protocol', async () => {
      const [[name, value] = ['', ''], ...more] = good;
      const lists: (readonly (readonly [string, string])[])[] = [
        [[name, value], ...good],
        [...Object.entries(written[dialect](pki.ofB, [])), [name, value]],
        [[name.replaceAll('-', '_'), value], ...more],
        [...good, [name.replace('-', '_'), value]],
      ];
      for (const changed of [
        '',
        `${value}x`,
        `;${value}`,
        `${value};${value}`,
        `${value},`,
        `"${value}"`,
        value.slice(0, -60),
        '(null)',
        'NONE',
      ])
        lists.push([[name, changed], ...more]);
      const session = await connectTwo(street.house, { sni: 'optional.postern.test' });
      for (const [index, list] of lists.entries()) {
        const lines = list.map(([field, text]) => `${field}: ${text}`);
        const request = ['GET / HTTP/1.1', `Host: ${street.authority('optional')}`, 'Connection: close', ...lines];
        const one = await askRaw(street.house, requestText(request), { sni: 'optional.postern.test' });
        const fields = { ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': street.authority('optional') };
        const lower = list.map(([field, text]): [string, string] => [field.toLowerCase(), text]);
        const two = await askTwo(session, [...Object.entries(fields), ...lower]);
        assert.deepEqual([one?.status, two.status], [400, 400], `${index}: ${lines.map((line) => line.slice(0, 60)).join(' | ')}`);
      }
      session.destroy();
      assert.equal(street.upstream.bytes(), '');
    });

    it('opens no tunnel that it would not open in the handshake', async () => {
      const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${'A'.repeat(22)}==`];
      for (const leaf of [pki.ofB, pki.ofSameName, pki.expired]) {
        const lines = Object.entries(written[dialect](leaf, [])).map(([name, value]) => `${name}: ${value}`);
        const request = requestText(['GET / HTTP/1.1', `Host: ${street.authority('a')}`, ...upgrade, ...lines]);
        const answer = await askRaw(street.house, request, { sni: 'a.postern.test', client: pki.alice });
        assert.deepEqual([answer?.status, street.upstream.bytes()], [495, '']);
      }
    });

    it('is worth nothing in another dialect than the one the proxy speaks', async () => {
      for (const other of dialects) {
        if (other === dialect) continue;
        const headers = written[other](pki.alice, []);
        assert.deepEqual(await outcome(street, 'known', { headers, client: pki.alice }), [495]);
        assert.deepEqual(await outcome(street, 'anonymous', { headers, client: pki.alice }), [200]);
        assertUntold(street);
        const both = { ...written[other](pki.ofB, []), ...written[dialect](pki.alice, []) };
        assert.deepEqual(await outcome(street, 'known', { headers: both }), [200, 'CN=alice', 'alice@example.com']);
        assertUntold(street);
      }
    });

    it('is worth nothing from anybody else, and is told to nobody', async () => {
      await using elsewhere = await openCertificateHouse({ pki, config: configOf(dialect, '[127.0.0.2, 10.0.0.0/8]') });
      const headers = written[dialect](pki.alice, []);
      assert.deepEqual(await outcome(elsewhere, 'known', { headers }), [495]);
      assert.deepEqual(await outcome(elsewhere, 'anonymous', { headers }), [200]);
      assertUntold(elsewhere);
      const own = await outcome(elsewhere, 'known', { headers: written[dialect](pki.ofB, []), client: pki.alice });
      assert.deepEqual(own, [200, 'CN=alice', 'alice@example.com'], 'the handshake alone says who it is');
      assertUntold(elsewhere);
    });
  });

/** The proxy has a certificate of its own, which is a good one. */
function told(dialect: AcceptedDialect, leaf: Issued): AskOptions {
  return { headers: written[dialect](leaf, []), client: pki.alice };
}

async function outcome({ house, upstream, url }: CertificateHouse, host: string, options: AskOptions): Promise<readonly unknown[]> {
  upstream.clear();
  const { status } = await ask(house, url(host), options);
  const names = fieldsAt(upstream).filter(([name]) => name === 'x-client-dn' || name === 'x-pomerium-claim-email');
  return [status, ...names.flatMap(([, value]) => (value === '' ? [] : value))];
}

/** A header of a certificate went no further than Postern. */
function assertUntold({ upstream }: CertificateHouse): void {
  assert.doesNotMatch(upstream.bytes(), /^(?:client-cert|ssl-client|x-forwarded-(?:tls-)?client)/im);
  for (const issued of [pki.alice, pki.ofB]) assert.ok(!upstream.bytes().includes(base64(issued).slice(0, 60)));
}

function verdictOf({ what, refusal }: CertificateCase): readonly unknown[] {
  return refusal === undefined ? [what, 200, ['accept'], null, true] : [what, 495, [refusal.reason], refusal.detail, false];
}

function base64({ certificate }: Issued): string {
  return certificate.raw.toString('base64');
}

function sequence(issued: Issued): string {
  return `:${base64(issued)}:`;
}

function escaped(chain: readonly Issued[]): string {
  return encodeURIComponent(chain.map(({ certificate }) => certificate.toString()).join(''));
}

function sha256({ certificate }: Issued): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}
