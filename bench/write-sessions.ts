import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHostname } from '../src/http/hostname.ts';
import { buildSession } from '../src/identity/build-session.ts';
import { createSessionServices } from '../src/identity/identity-parts.ts';
import type { SessionServices } from '../src/identity/identity-parts.ts';
import { readOrMakeSecrets } from '../src/identity/secrets.ts';
import type { Session } from '../src/identity/session.ts';
import { readConfiguration } from '../src/read-configuration.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import { appHost } from './bench-files.ts';
import type { PosternProgram } from './candidates/postern-program.ts';

const silence = (): void => undefined;

/**
 * Writes sessions into the store of a Postern that runs, with the program's own code, and a file with a `Cookie` on each line that stand for
 * them. Each is of a person of their own, who is what somebody was who really signed in there; no two files hold the same sessions.
 */
export async function writeSessions({ directory, configFile }: PosternProgram, count: number): Promise<string> {
  const now = Date.now;
  const read = await readConfiguration({ file: configFile, environment: undefined }, now);
  if (!read.ok) throw new Error(`Cannot read the configuration again: ${read.problems[0]?.message}`);
  const { cookie, authenticate, identityProvider, sharedSecrets, stateDirectory = '' } = read.document.settings;
  await using store = openSqliteStore({ directory: stateDirectory, now });
  const secrets = readOrMakeSecrets({ stateDirectory, shared: sharedSecrets, cookie: cookie.secrets });
  const log = { debug: silence, info: silence, warn: silence, error: silence };
  const services = createSessionServices({ store, now, log, cookie, secrets, authenticate, provider: identityProvider });
  const model = await anySession(services);
  const host = parseHostname(appHost);
  if (host === undefined) throw new Error(`${appHost} is no hostname`);
  const lines: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const session = sessionLike(model, number);
    await services.records.create(session);
    lines.push(services.cookie.write(host, session).split(';', 1)[0] ?? '');
  }
  const file = join(directory, `cookies-${randomUUID()}`);
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

async function anySession({ store, records }: SessionServices): Promise<Session> {
  for (const key of await store.keys('session/')) {
    const session = await records.read(key.slice('session/'.length));
    if (session !== undefined) return session;
  }
  throw new Error('nobody has signed in');
}

/** Somebody else, signed in for as long; the provider is not asked about them again during the run. */
function sessionLike({ expiresAt, grant }: Session, number: number): Session {
  const claims = { sub: `person-${number}`, email: `person-${number}@example.com`, name: `Person ${number}` };
  return buildSession({
    id: randomUUID(),
    userId: claims.sub,
    expiresAt,
    grant: {
      ...grant,
      idTokenClaims: { ...grant.idTokenClaims, ...claims },
      userInfo: Object.keys(grant.userInfo).length === 0 ? {} : { ...grant.userInfo, ...claims },
      accessExpiresAt: expiresAt,
    },
  });
}
