import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { runCheck } from '../../src/cli/check.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse } from './certificate-house.ts';
import { explained } from './explained.ts';

const pki = await makePki();
const day = 86_400_000;

/** Written by somebody who may get certificates for what they like, as long as it is not exactly one of ours. */
const strangers = await Promise.all(
  ['alice@example.com.evil.test', 'evil-alice@example.com', 'bob@example.com.evil.test', 'evil.bob@example.com', 'ALICE@EXAMPLE.COM'].map(
    (email) => clientOf(pki.caA, [email]),
  ),
);
const [bob, bobOfB, both] = await Promise.all([
  clientOf(pki.caA, ['bob@example.com']),
  clientOf(pki.caB, ['bob@example.com']),
  clientOf(pki.caA, ['nobody@example.com', 'alice@example.com']),
]);

function clientOf(ca: Issued, emails: readonly string[]): Promise<Issued> {
  return issueClientCertificate(ca, { commonName: 'x', emails, from: new Date(Date.now() - day), to: new Date(Date.now() + day) });
}

const open = "to: '{{to}}', allow_public_unauthenticated_access: true";

function configOf(patterns: readonly string[], more = ''): string {
  return `
downstream_mtls:
  ca_file: ca-a.pem${more}
  match_subject_alt_names:
${patterns.map((pattern) => `    - ${pattern}`).join('\n')}
routes:
  - {name: a, from: https://a.postern.test, ${open}}
  - {name: b, from: https://b.postern.test, ${open}, tls_downstream_client_ca_file: ca-b.pem}
`;
}

async function outcome(street: CertificateHouse, host: string, client: Issued): Promise<unknown> {
  street.upstream.clear();
  const status = await ask(street.house, street.url(host), { client }).then(
    (answer) => answer.status,
    () => 'no connection',
  );
  return [status, street.upstream.bytes() === '' ? 'kept out' : 'forwarded'];
}

const patterns = ["email: 'alice@example\\.com'", "email: 'bob@example\\.com'"];

/** Joined into one expression, `a|b` anchors only the beginning of `a` and the end of `b`: each pattern stands for whole names. */
describe('names that only begin or end like an accepted one', () => {
  for (const list of [patterns, patterns.toReversed(), ["email: '(alice|bob)@example\\.com'"]]) {
    it(`are kept out by ${list.join(' and ')}`, async () => {
      await using street = await openCertificateHouse({ pki, config: configOf(list) });
      for (const stranger of strangers) assert.deepEqual(await outcome(street, 'a', stranger), [495, 'kept out']);
      for (const friend of [pki.alice, bob, both]) assert.deepEqual(await outcome(street, 'a', friend), [200, 'forwarded']);
      const line = await street.house.logLine(({ status }) => status === 495);
      assert.deepEqual([line['reasons'], line['certificate_detail']], [['invalid-client-certificate'], 'san-mismatch']);
    });
  }

  it('are kept out of routes that have CAs of their own, too', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(patterns) });
    assert.deepEqual(
      [await outcome(street, 'b', pki.ofB), await outcome(street, 'b', bobOfB)],
      [
        [495, 'kept out'],
        [200, 'forwarded'],
      ],
    );
    const file = `${street.house.directory}/ofB.pem`;
    await writeFile(file, pki.ofB.certificatePem);
    const { certificate } = await explained(street.house, 'GET', street.url('b'), '--client-cert', file);
    assert.equal(certificate.detail, 'san-mismatch');
  });

  it('get no connection under reject_connection', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(patterns, '\n  enforcement: reject_connection') });
    assert.deepEqual(
      [await outcome(street, 'a', strangers[0] ?? pki.ofB), await outcome(street, 'a', bob)],
      [
        ['no connection', 'kept out'],
        [200, 'forwarded'],
      ],
    );
  });
});

describe('a pattern that is no expression', () => {
  it('is a problem of the configuration, at its place', async () => {
    await using street = await openCertificateHouse({ pki, config: configOf(patterns) });
    const { directory } = street.house;
    const file = `${directory}/broken.yaml`;
    await writeFile(file, configOf(["email: 'alice@('", "dns: 'x\\.test'", "uri: '(?=x)'"]).replaceAll('{{to}}', 'http://127.0.0.1:1'));
    const [out, err]: [string[], string[]] = [[], []];
    const status = await runCheck(['--config', file, '--no-env'], {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      now: () => Date.now(),
      environment: {},
      colour: false,
      width: 80,
    });
    assert.equal(status, 1);
    assert.match(err.join(''), /broken\.yaml:5:\d+[^]*cannot read email "alice@\(": missing closing \)/);
    assert.match(err.join(''), /broken\.yaml:7:\d+[^]*cannot read uri "\(\?=x\)"/);
  });
});
