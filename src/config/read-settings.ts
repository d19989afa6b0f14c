import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkShape } from './check-shape.ts';
import { readClaimHeaders } from './claim-headers.ts';
import { readCookieSettings } from './cookie-settings.ts';
import { layerEnvironment } from './layer-environment.ts';
import { needsSignIn } from './needs-sign-in.ts';
import { readDownstreamMtls } from './mtls-settings.ts';
import type { Locate, Problem } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawSettings } from './raw-settings.ts';
import { readEnvironment } from './read-environment.ts';
import { readRoutes } from './route-settings.ts';
import { openReading, readText } from './reading.ts';
import type { Reading } from './reading.ts';
import { Secret } from './secret.ts';
import { readServerSettings } from './server-settings.ts';
import type { RouteSettings, Settings, SettingsDocument } from './settings.ts';
import { readSignIn } from './sign-in-settings.ts';
import { readPem, readSecretBytes } from './written-text.ts';
import { parseYaml } from './parse-yaml.ts';

export interface SettingsInput {
  /** Absolute, or relative to the working directory; undefined: the environment alone. */
  readonly file: string | undefined;
  /** Undefined: no variable is looked at. */
  readonly environment: Readonly<Record<string, string | undefined>> | undefined;
  /** Reads a file by its absolute name; throws as `readFileSync` does. */
  readonly readFile?: (file: string) => Buffer;
}

export type SettingsResult = { readonly ok: true; readonly document: SettingsDocument } | RefusedSettings;

export interface RefusedSettings {
  readonly ok: false;
  readonly problems: readonly Problem[];
  /** What was asked for before it was refused; a reload watches them, because the mending may happen in any of them. */
  readonly files: readonly string[];
  /** What could be read all the same, for finding the other problems and for nothing else; undefined when the text itself is broken. */
  readonly understood?: SettingsDocument;
}

/** Text and environment as settings, or everything that is wrong with them at once. Never throws, whatever the text. */
export function readSettings({ file, environment, readFile = (name) => readFileSync(name) }: SettingsInput): SettingsResult {
  const source = readSource(file, readFile);
  if (!source.ok) return source;
  const variables = readEnvironment(environment ?? {});
  const layered = layerEnvironment(source, variables.settings);
  const shape = checkShape(layered.value);
  const folder = file === undefined ? resolve() : dirname(resolve(file));
  const { reading, problems, files } = openReading({
    locate: layered.locate,
    readFile,
    folderOf: (path) => (layered.isFromEnvironment(path) ? resolve() : folder),
    refused: shape.refused,
  });
  const settings = interpret(reading, shape.raw);
  const all = [
    ...source.problems,
    ...variables.problems,
    ...layered.warnings,
    ...shape.findings.map(({ path, part, message }): Problem => ({ severity: 'error', message, place: layered.locate(path, part) })),
    ...problems,
  ];
  const watched = [...(file === undefined ? [] : [resolve(file)]), ...files];
  const document = { settings, warnings: all, locate: layered.locate, files: watched };
  if (all.some(({ severity }) => severity === 'error')) return { ok: false, problems: all, files: watched, understood: document };
  return { ok: true, document };
}

interface Source {
  readonly ok: true;
  readonly value: unknown;
  readonly locate: Locate;
  readonly problems: readonly Problem[];
}

function readSource(file: string | undefined, readFile: (file: string) => Buffer): Source | RefusedSettings {
  if (file === undefined) return { ok: true, value: {}, locate: () => undefined, problems: [] };
  if (file.toLowerCase().endsWith('.toml')) return refuse(file, 'TOML is not supported yet, write the same keys as YAML or JSON');
  const read = readText(readFile, resolve(file));
  if (!read.ok) return refuse(file, read.reason);
  const { value, problems, locate } = parseYaml(read.text, file);
  // What a broken text seems to say is not worth complaining about.
  return value === undefined ? { ok: false, problems, files: [resolve(file)] } : { ok: true, value, locate, problems };
}

function refuse(file: string, reason: string): RefusedSettings {
  return {
    ok: false,
    problems: [{ severity: 'error', message: `Cannot read ${file}: ${reason}`, place: undefined }],
    files: [resolve(file)],
  };
}

/** From the shape to the meaning. Every step goes to its end, so that all problems are told at once. */
function interpret(reading: Reading, raw: RawSettings): Settings {
  const routes = readRoutes(reading, raw);
  const signIn = readSignIn(reading, raw, routes.find(({ access }) => needsSignIn(access))?.path);
  const sharedSecret = readSecretBytes(reading, { path: ['shared_secret'], inline: raw.shared_secret, file: raw.shared_secret_file });
  const signingKey = readPem(reading, { path: ['signing_key'], inline: raw.signing_key, file: raw.signing_key_file });
  if ((raw.policy ?? []).length + (raw.routes ?? []).length === 0) warnOfNoRoutes(reading);
  if (signIn.authenticate !== undefined) warnOfHiddenRoutes(reading, routes, signIn.authenticate.hostname);
  return {
    ...readServerSettings(reading, raw),
    ...signIn,
    cookie: readCookieSettings(reading, raw),
    sharedSecret: sharedSecret === undefined ? undefined : new Secret(sharedSecret),
    signingKey: signingKey === undefined ? undefined : new Secret(signingKey),
    jwtClaimsHeaders: readClaimHeaders(reading, raw.jwt_claims_headers),
    downstreamMtls: readDownstreamMtls(reading, raw),
    routes,
  };
}

function warnOfNoRoutes(reading: Reading): void {
  if (reading.isRefused(['routes']) || reading.isRefused(['policy'])) return;
  reading.warning(['routes'], 'No routes are configured: every request will be answered with 404');
}

/** The authenticate host serves Postern's own pages and nothing else (contract 2.4). */
function warnOfHiddenRoutes(reading: Reading, routes: readonly RouteSettings[], authenticateHost: string): void {
  for (const { host, path } of routes) {
    if (host !== authenticateHost) continue;
    const place = [...path, 'from'];
    reading.warning(place, `${writePath(place)} is the host of authenticate_service_url, which serves no routes`);
  }
}
