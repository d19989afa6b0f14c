import { dirname, resolve } from 'node:path';
import { checkShape } from './check-shape.ts';
import { readClaimHeaders } from './claim-headers.ts';
import { readCookieSettings } from './cookie-settings.ts';
import { layerEnvironment } from './layer-environment.ts';
import { needsSignIn } from './needs-sign-in.ts';
import { readClientCertificates } from './read-client-certificates.ts';
import { readDownstreamMtls } from './mtls-settings.ts';
import type { Locate, Problem, SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawSettings } from './raw-settings.ts';
import { readBearer } from './read-bearer.ts';
import { readEnvironment } from './read-environment.ts';
import { readOrdinaryFile } from './read-ordinary-file.ts';
import { readRouteDefaults } from './route-defaults.ts';
import { readRoutes } from './route-settings.ts';
import { plainlyMeantKey } from './known-keys.ts';
import { isSecretKey, resemblesSecretKey } from './secret-keys.ts';
import { withoutValue } from './without-value.ts';
import { openReading, readText } from './reading.ts';
import type { ReadFile, Reading } from './reading.ts';
import { Secret } from './secret.ts';
import { readServerSettings } from './server-settings.ts';
import type { RouteSettings, Settings, SettingsDocument } from './settings.ts';
import { readSignIn } from './sign-in-settings.ts';
import type { Ignore } from './read-ignores.ts';
import { tellCertificateHosts } from './tell-certificate-hosts.ts';
import { tellRivalRules } from './tell-rival-rules.ts';
import { tellUnusedCertificates } from './tell-unused-certificates.ts';
import { readSecrets } from './read-secrets.ts';
import { readPem } from './written-text.ts';
import { parseYaml } from './parse-yaml.ts';

export interface SettingsInput {
  /** Absolute, or relative to the working directory; undefined: the environment alone. */
  readonly file: string | undefined;
  /** Undefined: no variable is looked at. */
  readonly environment: Readonly<Record<string, string | undefined>> | undefined;
  /** Reads a file by its absolute name; throws as `readFileSync` does. Undefined: `readOrdinaryFile`. */
  readonly readFile?: ReadFile;
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
export function readSettings({ file, environment, readFile = readOrdinaryFile }: SettingsInput): SettingsResult {
  const source = readSource(file, readFile);
  if (!source.ok) return source;
  const variables = readEnvironment(environment ?? {});
  const layered = layerEnvironment(source, variables.settings);
  const shape = checkShape(layered.value);
  const folder = file === undefined ? resolve() : dirname(resolve(file));
  const { reading, problems, files, namedFiles } = openReading({
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
    ...shape.findings.map(({ path, part, code, message }): Problem => {
      const place = layered.locate(path, part);
      return { severity: 'error', code, message, place: code === 'unknown-key' && mayBeSecret(path) ? withoutValue(place) : place };
    }),
    ...problems,
  ];
  const watched = [...(file === undefined ? [] : [resolve(file)]), ...files];
  const document = {
    settings,
    warnings: all,
    locate: layered.locate,
    files: watched,
    namedFiles,
    ignores: source.ignores,
    tests: { people: shape.raw.people, tests: shape.raw.tests },
  };
  if (all.some(({ severity }) => severity === 'error')) return { ok: false, problems: all, files: watched, understood: document };
  return { ok: true, document };
}

/** Of a key that nobody knows: unless it is plainly another one, which is none of a secret. */
function mayBeSecret(path: SettingPath): boolean {
  const meant = plainlyMeantKey(path);
  return meant === undefined || resemblesSecretKey(String(path.at(-1))) || isSecretKey(meant);
}

interface Source {
  readonly ok: true;
  readonly value: unknown;
  readonly locate: Locate;
  readonly problems: readonly Problem[];
  readonly ignores: readonly Ignore[];
}

function readSource(file: string | undefined, readFile: ReadFile): Source | RefusedSettings {
  if (file === undefined) return { ok: true, value: {}, locate: () => undefined, problems: [], ignores: [] };
  if (file.toLowerCase().endsWith('.toml')) return refuse(file, 'TOML is not supported yet, write the same keys as YAML or JSON');
  const read = readText(readFile, resolve(file));
  if (!read.ok) return refuse(file, read.reason);
  const { value, problems, locate, ignores } = parseYaml(read.text, file);
  // What a broken text seems to say is not worth complaining about.
  return value === undefined ? { ok: false, problems, files: [resolve(file)] } : { ok: true, value, locate, problems, ignores };
}

function refuse(file: string, reason: string): RefusedSettings {
  return {
    ok: false,
    problems: [{ severity: 'error', code: 'unreadable-configuration', message: `Cannot read ${file}: ${reason}`, place: undefined }],
    files: [resolve(file)],
  };
}

/** From the shape to the meaning. Every step goes to its end, so that all problems are told at once. */
function interpret(reading: Reading, raw: RawSettings): Settings {
  const defaults = readRouteDefaults(reading, raw);
  const routes = readRoutes(reading, raw, defaults);
  const signIn = readSignIn(reading, raw, sendsToSignIn(raw, routes));
  const signingKey = readPem(reading, { path: ['signing_key'], inline: raw.signing_key, file: raw.signing_key_file });
  if ((raw.policy ?? []).length + (raw.routes ?? []).length === 0) warnOfNoRoutes(reading);
  if (signIn.authenticate !== undefined) warnOfHiddenRoutes(reading, routes, signIn.authenticate.hostname);
  const settings: Settings = {
    ...readServerSettings(reading, raw),
    ...signIn,
    cookie: readCookieSettings(reading, raw),
    ...readBearer(reading, raw, { ...signIn, routes }),
    sharedSecrets: readSecrets(reading, { path: ['shared_secret'], inline: raw.shared_secret, file: raw.shared_secret_file }),
    signingKey: signingKey === undefined ? undefined : new Secret(signingKey),
    jwtClaimsHeaders: readClaimHeaders(reading, raw.jwt_claims_headers),
    downstreamMtls: readDownstreamMtls(reading, raw, defaults.certificates.revocation),
    ...readClientCertificates(reading, raw, { authenticate: signIn.authenticate, routes, defaults: defaults.certificates }),
    routes,
  };
  tellCertificateHosts(reading, routes, settings.downstreamMtls);
  tellUnusedCertificates(reading, raw, settings);
  tellRivalRules(reading, settings);
  if (settings.insecureServer) warnOfInsecurity(reading, raw, settings);
  return settings;
}

/** What sends people to sign in. Whoever shows a token of another issuer, or a certificate, needs no provider; nobody else is expected on such a route. */
function sendsToSignIn(raw: RawSettings, routes: readonly RouteSettings[]): SettingPath | undefined {
  const route = routes.find(({ access, bearer, authentication }) => {
    return needsSignIn(access) && bearer.format !== 'jwt' && authentication !== 'client_certificate';
  });
  return route?.path ?? (raw.certificate_sign_in_url === undefined ? undefined : ['certificate_sign_in_url']);
}

function warnOfNoRoutes(reading: Reading): void {
  if (reading.isRefused(['routes']) || reading.isRefused(['policy'])) return;
  reading.warning(['routes'], 'No routes are configured: every request will be answered with 404', 'no-routes');
}

/** Without TLS there is nothing to show a certificate with, in either direction, unless something in front says what was shown to it. */
function warnOfInsecurity(reading: Reading, raw: RawSettings, { routes, downstreamMtls }: Settings): void {
  for (const key of ['certificates', 'certificate', 'certificate_file'] as const) {
    if (raw[key] === undefined) continue;
    reading.warning([key], `${key} has no effect beside insecure_server: the listener speaks without TLS`, 'no-effect');
  }
  if (raw.accept_client_certificate !== undefined || reading.isRefused(['accept_client_certificate'])) return;
  for (const { path } of [downstreamMtls.ca, ...routes.map(({ clientCa }) => clientCa)].filter((ca) => ca !== undefined)) {
    const message = `${writePath(path)}: beside insecure_server nobody can show a client certificate, so none will be valid`;
    reading.warning(path, message, 'no-effect');
  }
}

/** The authenticate host serves Postern's own pages and nothing else. */
function warnOfHiddenRoutes(reading: Reading, routes: readonly RouteSettings[], authenticateHost: string): void {
  for (const { host, path } of routes) {
    if (host !== authenticateHost) continue;
    const place = [...path, 'from'];
    reading.warning(place, `${writePath(place)} is the host of authenticate_service_url, which serves no routes`, 'hidden-route');
  }
}
