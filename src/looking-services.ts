import { randomBytes } from 'node:crypto';
import { selfSignedFallback } from './certificate/self-signed-fallback.ts';
import { ProxyFailure } from './http/proxy-failure.ts';
import { createLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { lookingRevocation } from './revocation/looking-revocation.ts';
import type { SnapshotServices } from './services.ts';
import { createSharedResources } from './shared-resources.ts';
import { openMemoryStore } from './store/memory-store.ts';

/** Services for commands that only look: nothing is kept, nothing written, nothing fetched. */
export async function lookingServices(now: () => number): Promise<SnapshotServices> {
  return {
    now,
    log: createLog({ level: 'error', write: () => {}, now }),
    metrics: createMetrics(),
    store: openMemoryStore({ now }),
    secrets: { shared: [randomBytes(32)], cookie: [randomBytes(32)] },
    fallbackCertificate: selfSignedFallback(['postern.invalid'], now()),
    resources: createSharedResources(),
    revocation: lookingRevocation('this command uses no network'),
    fetch: () => Promise.reject(new ProxyFailure('provider-unreachable', 'Cannot ask the provider: this command uses no network')),
  };
}
