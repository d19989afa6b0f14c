import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import { issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import { writeDer } from '../../src/certificate/write-der.ts';
import { ask } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { openCertificateHouse, twoAuthorities } from './certificate-house.ts';

const pki = await makePki();
const day = 86_400_000;
const valid: Omit<IssueOptions, 'commonName'> = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };

function filled(bytes: number): Pick<IssueOptions, 'extensions'> {
  return { extensions: [{ oid: '1.3.6.1.4.1.99999.2', critical: false, der: writeDer(0x04, Buffer.alloc(bytes)) }] };
}

/** Intermediates of one name that all sign each other: who follows every path between them is never done. */
async function maze(size: number): Promise<readonly Issued[]> {
  const first = await issueIntermediate(pki.caB, { ...valid, commonName: 'Maze' });
  const others = Array.from({ length: size - 1 }, (_, at) =>
    issueIntermediate(first, { ...valid, commonName: 'Maze', keyPem: at % 2 === 0 ? first.keyPem : pki.caB.keyPem }),
  );
  return [first, ...(await Promise.all(others))];
}

/** A stranger chooses what is sent in place of a certificate: reading and judging it must cost next to nothing. */
describe('a chain of certificates that is too much', () => {
  let street: CertificateHouse;
  let strict: CertificateHouse;

  before(async () => {
    street = await openCertificateHouse({ pki });
    strict = await openCertificateHouse({ pki, config: `downstream_mtls: {enforcement: reject_connection}\n${twoAuthorities}` });
  });

  after(async () => {
    await strict[Symbol.asyncDispose]();
    await street[Symbol.asyncDispose]();
  });

  async function outcome({ house, upstream, url }: CertificateHouse, chain: readonly Issued[], maxVersion: 'TLSv1.2' | 'TLSv1.3') {
    upstream.clear();
    const client = { certificatePem: chain.map(({ certificatePem }) => certificatePem).join(''), keyPem: chain[0]?.keyPem ?? '' };
    const began = performance.now();
    const status = await ask(house, url('a'), { client, maxVersion }).then(
      (answer) => answer.status,
      () => 'no connection' as const,
    );
    assert.ok(performance.now() - began < 2000, 'at once');
    assert.equal(upstream.bytes() !== '', status === 200);
    assert.equal((await ask(house, url('a'), { client: pki.alice })).status, 200, 'and the next one is served');
    return status;
  }

  const stranger = issueClientCertificate(pki.caB, { ...valid, commonName: 'mallory' });
  const chains: readonly (readonly [what: string, chain: () => Promise<readonly Issued[]>, status: number | 'no connection'])[] = [
    [
      'of 150 KB',
      async () => [pki.alice, await issueIntermediate(pki.caA, { ...valid, commonName: 'Large', ...filled(150_000) })],
      'no connection',
    ],
    ['of 90 certificates that do not belong', async () => [await stranger, ...Array.from({ length: 90 }, () => pki.caB)], 495],
    ['of 90 certificates that do not belong behind a good one', async () => [pki.alice, ...Array.from({ length: 90 }, () => pki.caB)], 200],
    [
      'that leads round in circles',
      async () => {
        const circle = await maze(60);
        return [await issueClientCertificate(circle[0] ?? pki.caB, { ...valid, commonName: 'mallory' }), ...circle];
      },
      495,
    ],
    ['with a leaf of 60 KB', async () => [await issueClientCertificate(pki.caB, { ...valid, commonName: 'm'.repeat(60_000) })], 495],
    [
      'with a leaf of 1,500 names',
      async () => [
        await issueClientCertificate(pki.caB, {
          ...valid,
          commonName: 'm',
          dnsNames: Array.from({ length: 1500 }, (_, at) => `n${at}.evil.test`),
        }),
      ],
      495,
    ],
  ];

  for (const [what, chain, status] of chains) {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`${what} is done with at once (${version})`, async () => {
        const sent = await chain();
        assert.equal(await outcome(street, sent, version), status);
        assert.equal(await outcome(strict, sent, version), status === 200 ? 200 : 'no connection');
      });
    }
  }
});
