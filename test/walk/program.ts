import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { readSettings } from '../../src/config/read-settings.ts';
import type { SettingsDocument } from '../../src/config/settings.ts';
import { selfSignedFallback } from '../../src/certificate/self-signed-fallback.ts';
import { createCurrent } from '../../src/current.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { openLiveStreams } from '../../src/judge-stream.ts';
import type { Program } from '../../src/program.ts';
import { lookingRevocation } from '../../src/revocation/looking-revocation.ts';
import type { SnapshotServices } from '../../src/services.ts';
import type { SharedResources } from '../../src/shared-resources.ts';
import { createSharedResources } from '../../src/shared-resources.ts';
import type { Snapshot, SnapshotResult } from '../../src/snapshot.ts';
import { buildSnapshot } from '../../src/build-snapshot.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { UpstreamPool } from '../../src/upstream/create-pool.ts';
import type { Pki } from './pki.ts';

export interface BuildOptions {
  readonly pki: Pki;
  /** Milliseconds since 1970; the present when left out. */
  readonly at?: number;
  /** Stands in for every connection to an upstream. */
  readonly pool?: UpstreamPool;
}

export interface Built {
  readonly document: SettingsDocument;
  readonly services: SnapshotServices;
  readonly result: SnapshotResult;
  /** Log lines so far. */
  readonly lines: readonly string[];
}

/** Reads and builds a configuration in memory; `server.pem`, `server.key`, `ca-a.pem` and `ca-b.pem` are there to be named. */
export async function build(config: string, { pki, at = Date.now(), pool }: BuildOptions): Promise<Built> {
  const files: Readonly<Record<string, string>> = {
    'config.yaml': `certificates: [{cert: server.pem, key: server.key}]\n${config}`,
    'server.pem': pki.server.certificatePem,
    'server.key': pki.server.keyPem,
    'ca-a.pem': pki.caA.certificatePem,
    'ca-b.pem': pki.caB.certificatePem,
  };
  const readFile = (file: string): Buffer => Buffer.from(files[basename(file)] ?? assert.fail(`no file ${file}`));
  const read = readSettings({ file: 'config.yaml', environment: undefined, readFile });
  assert.ok(read.ok, read.ok ? '' : read.problems.map(({ message }) => message).join('\n'));
  const lines: string[] = [];
  const now = (): number => at;
  const services: SnapshotServices = {
    now,
    log: createLog({ level: 'debug', write: (line) => void lines.push(line), now }),
    metrics: createMetrics(),
    store: openMemoryStore({ now }),
    secrets: { shared: [Buffer.alloc(32, 1)], cookie: [Buffer.alloc(32, 2)] },
    fallbackCertificate: selfSignedFallback(['postern.invalid'], at),
    resources: pool === undefined ? createSharedResources() : withPool(pool),
    revocation: lookingRevocation('there is no network here'),
    fetch: () => Promise.reject(new TypeError('there is no network here')),
  };
  return { document: read.document, services, result: await buildSnapshot(read.document, services), lines };
}

/** The snapshot of a configuration that must be good. */
export async function snapshotOf(config: string, options: BuildOptions): Promise<Snapshot> {
  const { result } = await build(config, options);
  return result.ok ? result.snapshot : assert.fail(result.problems.map(({ message }) => message).join('\n'));
}

export function programOf(snapshot: Snapshot, { log, metrics, now }: SnapshotServices): Program {
  const current = createCurrent(snapshot, (error) => assert.fail(String(error)));
  return { current, log, metrics, streams: openLiveStreams({ current, log, metrics, now }), now };
}

function withPool(pool: UpstreamPool): SharedResources {
  const shared = createSharedResources();
  return {
    acquire: (key, make) =>
      key.startsWith('pool ') ? { value: pool as unknown as ReturnType<typeof make>, release: async () => {} } : shared.acquire(key, make),
  };
}
