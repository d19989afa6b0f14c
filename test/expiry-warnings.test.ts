import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { issueAuthority, issueServerCertificate } from '../src/certificate/issue-certificate.ts';
import { issueCrl } from '../src/certificate/issue-crl.ts';
import { readSettings } from '../src/config/read-settings.ts';
import type { Ending } from '../src/ending-soon.ts';
import { endingSoon } from '../src/ending-soon.ts';
import { openExpiryWarnings } from '../src/expiry-warnings.ts';
import { lookingServices } from '../src/looking-services.ts';
import { createLog } from '../src/observe/log.ts';
import type { Snapshot } from '../src/snapshot.ts';
import { buildSnapshot } from '../src/build-snapshot.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 5, 1, 12);

interface Ends {
  readonly ca: number;
  readonly server: number;
  /** How long the list lives. */
  readonly list: number;
}

/** What a configuration with these ends compiles to; everything begins at `start`. */
async function snapshotOf({ ca, server, list }: Ends): Promise<Snapshot> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-expiry-'));
  try {
    const from = new Date(start);
    const authority = await issueAuthority({ commonName: 'Staff CA', from, to: new Date(start + ca) });
    const leaf = await issueServerCertificate(authority, {
      commonName: 'corp.example',
      dnsNames: ['*.corp.example'],
      from,
      to: new Date(start + server),
    });
    const files = {
      'ca.pem': authority.certificatePem,
      'list.pem': issueCrl(authority, { revoked: [], number: 1n, from, to: new Date(start + list) }),
      'server.pem': leaf.certificatePem,
      'server.key': leaf.keyPem,
      'config.yaml': `certificates: [{cert: server.pem, key: server.key}]
downstream_mtls: {ca_file: ca.pem, crl_file: list.pem}
routes:
  - {from: 'https://a.corp.example', to: 'http://127.0.0.1:1', allow_public_unauthenticated_access: true}
`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
    const read = readSettings({ file: join(folder, 'config.yaml'), environment: undefined });
    assert.ok(read.ok);
    const built = await buildSnapshot(read.document, await lookingServices(() => start));
    assert.ok(built.ok);
    return built.snapshot;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const long: Ends = { ca: 900 * day, server: 900 * day, list: 900 * day };

/** The percentage of its life at which a revocation list is told first. */
async function firstTold(list: number): Promise<number> {
  await using snapshot = await snapshotOf({ ...long, list });
  const at = Array.from({ length: 101 }, (_, percent) => start + (list * percent) / 100);
  return at.findIndex((each) => endingSoon(snapshot, each).length > 0);
}

/** The same trust with lists that do not say when the next one is due. */
function endless({ trust }: Snapshot['routeList'][number]) {
  return trust && { ...trust, crls: { id: 'x', lists: (trust.crls?.lists ?? []).map((list) => ({ ...list, nextUpdate: Infinity })) } };
}

describe('endingSoon()', () => {
  it('tells a client CA 30 days before its end, and a server certificate 14 days', async () => {
    await using snapshot = await snapshotOf({ ...long, ca: 100 * day, server: 90 * day });
    const told = (at: number) => endingSoon(snapshot, at).map(({ what }) => what);
    const both: readonly Ending['what'][] = ['client CA', 'server certificate'];
    assert.deepEqual(
      [70 * day - 1000, 70 * day, 76 * day - 1000, 76 * day, 900 * day].map((after) => told(start + after)),
      [[], ['client CA'], ['client CA'], both, [both[0], 'revocation list', both[1]]],
    );
    assert.deepEqual(endingSoon(snapshot, start + 70 * day), [{ what: 'client CA', name: 'CN=Staff CA', endsAt: start + 100 * day }]);
  });

  it('tells a revocation list in the last fifth of its life, and at least three days before the end where it lives for weeks', async () => {
    assert.deepEqual(
      [await firstTold(day), await firstTold(7 * day), await firstTold(10 * day), await firstTold(100 * day)],
      [80, 80, 70, 80],
    );
  });

  it('tells nothing of a list without an end, and so does not keep the others from being told', async () => {
    await using snapshot = await snapshotOf({ ...long, ca: 10 * day });
    const routeList = snapshot.routeList.map((route) => ({ ...route, trust: endless(route) }));
    assert.equal(routeList[0]?.trust?.crls.lists.length, 1);
    const told = endingSoon({ settings: snapshot.settings, routeList, certificateHost: undefined }, start);
    assert.deepEqual(
      told.map(({ what }) => what),
      ['client CA'],
    );
  });
});

describe('openExpiryWarnings()', () => {
  it('tells each thing when it opens, and once a day; what a reload brings at once', async (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] });
    await using first = await snapshotOf({ ...long, ca: 10 * day + hour });
    await using second = await snapshotOf({ ...long, server: 5 * day });
    let at = start;
    let snapshot = first;
    const lines: string[] = [];
    const log = createLog({ level: 'info', write: (line) => void lines.push(line), now: () => at });
    const current = {
      get snapshot() {
        return snapshot;
      },
    } as Parameters<typeof openExpiryWarnings>[0]['program']['current'];
    const told = () =>
      lines.splice(0).map((line) => {
        const { level, msg, message, what, name, ends_at, days_left } = JSON.parse(line) as Record<string, unknown>;
        return [level, msg ?? message, what, name, ends_at, days_left];
      });
    using warnings = openExpiryWarnings({ program: { current, log, now: () => at } });
    const line = (days: number) => [
      'warn',
      'A client CA ends soon: replace it',
      'client CA',
      'CN=Staff CA',
      new Date(start + 10 * day + hour).toISOString(),
      days,
    ];
    assert.deepEqual(told(), [line(10)]);
    const pass = (hours: number) => {
      for (let passed = 0; passed < hours; passed += 1) {
        at += hour;
        test.mock.timers.tick(hour);
      }
      return told();
    };
    assert.deepEqual([pass(23), pass(1), pass(23), pass(1)], [[], [line(9)], [], [line(8)]]);
    snapshot = second;
    warnings.look();
    assert.deepEqual(
      told().map(([, message]) => message),
      ['A server certificate ends soon: replace it'],
    );
    at = start + 6 * day;
    warnings.look();
    assert.deepEqual(
      told().map(([, message]) => message),
      ['A server certificate has ended: replace it'],
    );
  });
});
