import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CertificateHostRow } from '../certificate-hosts.ts';
import { certificateHosts } from '../certificate-hosts.ts';
import type { IgnoredProblem } from '../config/apply-ignores.ts';
import { applyIgnores } from '../config/apply-ignores.ts';
import type { Problem } from '../config/problem.ts';
import type { SettingsInput } from '../config/read-settings.ts';
import { isSecretKey } from '../config/secret-keys.ts';
import type { SettingsDocument } from '../config/settings.ts';
import type { LintSubject } from '../lint/finding.ts';
import { lintSettings } from '../lint/lint-settings.ts';
import { lookingServices } from '../looking-services.ts';
import { readConfiguration } from '../read-configuration.ts';
import type { Snapshot } from '../snapshot.ts';
import { buildSnapshot } from '../build-snapshot.ts';

export interface CheckedConfiguration {
  /** No errors. */
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly ignored: readonly IgnoredProblem[];
  readonly routes: number;
  /** Who is asked for which certificates; empty where there are errors. */
  readonly hosts: readonly CertificateHostRow[];
}

/** Reads, builds and, where that went well, lints a configuration. `now` in milliseconds since 1970. */
export async function checkConfiguration(input: SettingsInput, now: () => number): Promise<CheckedConfiguration> {
  const read = await readConfiguration(input, now);
  // Findings about half a configuration would mostly be about the half that is missing.
  if (!read.ok) return { ok: false, problems: read.problems, ignored: [], routes: 0, hosts: [] };
  const { document } = read;
  const routes = document.settings.routes.length;
  const built = await buildSnapshot(document, await lookingServices(now));
  if (!built.ok) return { ok: false, problems: built.problems, ignored: [], routes, hosts: [] };
  await using snapshot = built.snapshot;
  const findings = lintSettings(subjectOf(document, snapshot, { file: input.file, at: now() })).map(
    ({ code, path, part, message }): Problem => ({ severity: 'warning', code, message, place: document.locate(path, part) }),
  );
  const { told, ignored, unused } = applyIgnores(
    [...built.warnings, ...built.ignored.map(({ problem }) => problem), ...findings],
    document.ignores,
  );
  return { ok: true, problems: [...told, ...unused], ignored, routes, hosts: certificateHosts(snapshot, document.locate) };
}

function subjectOf(
  document: SettingsDocument,
  snapshot: Snapshot,
  { file, at }: { readonly file: string | undefined; readonly at: number },
): LintSubject {
  return {
    settings: document.settings,
    routes: snapshot.routeList,
    certificateHostTrust: snapshot.certificateHost?.trust,
    at,
    secretFiles: [...secretsInFiles(document), ...secretsInside(document, file)],
    isWorldReadable,
  };
}

function secretsInFiles({ namedFiles }: SettingsDocument): LintSubject['secretFiles'] {
  const secrets = namedFiles.filter(({ path }) => {
    const key = String(path.at(-1));
    // `key` of an entry of `certificates` is the name of a file with a private key.
    return isSecretKey(key.replace(/_file$/, '')) || (path[0] === 'certificates' && key === 'key');
  });
  return secrets.map((named) => ({ ...named, isConfiguration: false }));
}

/** The configuration itself, once, at the first secret that stands in it and not in the environment. */
function secretsInside({ settings, locate, namedFiles }: SettingsDocument, file: string | undefined): LintSubject['secretFiles'] {
  if (file === undefined) return [];
  const given = {
    shared_secret: settings.sharedSecrets[0],
    cookie_secret: settings.cookie.secrets[0],
    idp_client_secret: settings.identityProvider?.clientSecret,
    signing_key: settings.signingKey,
  };
  const key = Object.entries(given).find(([name, value]) => {
    const isInFile = namedFiles.some(({ path }) => path[0] === `${name}_file`);
    return value !== undefined && !isInFile && locate([name], 'key')?.kind === 'file';
  })?.[0];
  return key === undefined ? [] : [{ path: [key], file: resolve(file), isConfiguration: true }];
}

function isWorldReadable(file: string): boolean {
  try {
    const { mode } = statSync(file);
    return (mode & 0o004) !== 0;
  } catch {
    // Gone since it was read: then nobody reads it.
    return false;
  }
}
