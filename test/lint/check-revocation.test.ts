import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { issueAuthority } from '../../src/certificate/issue-certificate.ts';
import { issueCrl } from '../../src/certificate/issue-crl.ts';
import { frozenAt } from '../cli/terminal.ts';
import { toldByCheck } from './told-by-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-lint-revocation-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const hour = 3_600_000;
const day = 24 * hour;
const validity = { from: new Date(frozenAt - day), to: new Date(frozenAt + 900 * day) };
const authority = await issueAuthority({ commonName: 'Staff CA', ...validity });
writeFileSync(join(folder, 'ca.pem'), authority.certificatePem);
const route = `to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true`;

/** What is told with a list that began and ends so long from now. */
async function toldOf(begunMs: number, endsMs: number, revocation = '{}'): Promise<readonly string[]> {
  const times = { from: new Date(frozenAt - begunMs), to: new Date(frozenAt + endsMs) };
  writeFileSync(join(folder, 'crl.pem'), issueCrl(authority, { revoked: [], number: 1n, ...times }));
  return toldByCheck(
    folder,
    `insecure_server: true
accept_client_certificate: {dialect: xfcc, from: [10.0.0.5]}
downstream_mtls: {ca_file: ca.pem, crl_file: crl.pem, revocation: ${revocation}}
routes: [{from: 'https://a.corp.example', ${route}}]
`,
  );
}

async function endingOf(begunMs: number, endsMs: number): Promise<string> {
  const told = await toldOf(begunMs, endsMs);
  return told.join().replace('3 crl-expires: The revocation list of CN=Staff CA ends on ', '');
}

/** Of a list that ended an hour ago. */
async function noticeOf(revocation?: string): Promise<string> {
  const told = await toldOf(8 * day, -hour, revocation);
  return told.join().replace(/^.*2026-06-01T11:00:00\.000Z: /, '');
}

function says(place: string): string {
  return `${place}: strict refuses every certificate, because its only source is crl_file and no revocation list is configured: write crl_file in downstream_mtls, add ocsp or crl_distribution_points to the sources, or leave the mode out`;
}

describe('checkRevocation()', () => {
  it('tells a list in the last fifth of its life, in days, and in hours where there is less than one', async () => {
    assert.deepEqual(
      [
        await endingOf(0, 7 * day),
        await endingOf(4 * day, 3 * day),
        await endingOf(6 * day, day),
        await endingOf(19 * hour, 5 * hour),
        await endingOf(23 * hour, hour),
        await endingOf(23.5 * hour, hour / 2),
        await endingOf(0, 30 * day),
        await endingOf(24 * day, 6 * day),
        await endingOf(8 * day, 3 * day),
      ],
      [
        '',
        '',
        '2026-06-02, in 1 day',
        '',
        '2026-06-01, in 1 hour',
        '2026-06-01, in less than an hour',
        '',
        '2026-06-07, in 6 days',
        '2026-06-04, in 3 days',
      ],
    );
    assert.match(await endingOf(21 * hour, 3 * hour), /, in 3 hours$/);
  });

  it('tells of a list that has ended until when its grace lets it count', async () => {
    const refused = 'every certificate of that authority is refused until a newer list is written';
    assert.deepEqual(
      [await noticeOf(), await noticeOf('{stale: {grace: 24h}}'), await noticeOf('{stale: {grace: 30m}}')],
      [refused, `its grace (stale) lets it count until 2026-06-02T11:00:00.000Z, and from then on ${refused}`, refused],
    );
  });
});

describe('checkStrictness()', () => {
  const top = 'insecure_server: true\naccept_client_certificate: {dialect: xfcc, from: [10.0.0.5]}\n';
  const told = async (mtls: string, routes: string): Promise<readonly string[]> =>
    toldByCheck(folder, `${top}downstream_mtls:\n  ca_file: ca.pem\n${mtls}\nroutes:\n${routes}`);
  const plain = `  - {from: 'https://a.corp.example', ${route}}\n`;
  const strict = `  - {from: 'https://b.corp.example', ${route}, client_certificate_revocation: {mode: strict}}\n`;
  const asking = `  - {from: 'https://c.corp.example', ${route}, client_certificate_revocation: {mode: strict, sources: [crl_file, ocsp], allowed_hosts: [o.example]}}\n`;

  it('tells the mode, above and on a route, that no source could ever satisfy', async () => {
    assert.deepEqual(await told('  revocation: {mode: strict}', plain + strict + asking), [
      `5 unanswerable-revocation: ${says('downstream_mtls.revocation.mode')}`,
      `8 unanswerable-revocation: ${says('routes[1].client_certificate_revocation.mode')}`,
    ]);
  });

  it('tells nothing where there is a list, another source, or nobody who follows it', async () => {
    await toldOf(0, 30 * day);
    assert.deepEqual(await told('  crl_file: crl.pem\n  revocation: {mode: strict}', plain + strict), []);
    assert.deepEqual(await told('  revocation: {mode: strict}', asking), []);
    const none = `  - {from: 'https://a.corp.example', ${route}, client_certificate_mode: none}\n`;
    assert.deepEqual(await told('  revocation: {mode: strict}', asking + none), []);
  });
});
