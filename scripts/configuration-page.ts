import { foreignKeysSection, removedKeysSection } from './foreign-keys-page.ts';
import { optionalLogFields, presentLogFields } from '../src/config/log-fields.ts';
import { providerPresets } from '../src/config/provider-presets.ts';
import { variableName } from '../src/config/read-environment.ts';
import { builtFlags, runtimeFlagDefaults } from '../src/config/runtime-flags.ts';
import { possibleKeys, schemaAt, typeWords } from '../src/config/schema-walk.ts';
import { settingsSchema } from '../src/config/settings-schema.ts';

/** `docs/configuration.md`, written from the schema that reads the configuration. */
export function configurationPage(): string {
  return [
    '<!-- Written by `node scripts/write-docs.ts` from the schema in src/config (settings-schema.ts and what it names): change that, not this page. -->',
    introduction,
    '## Top level',
    table([], 'with-variables'),
    '### Older spellings',
    older,
    '### Secrets',
    secrets(),
    '### Providers',
    providers(),
    '### Log fields',
    logFields,
    '### Runtime flags',
    flags(),
    '## An entry of `certificates`',
    table(['certificates', 0], 'without-variables'),
    '## `downstream_mtls`',
    table(['downstream_mtls'], 'with-variables'),
    '## An entry of `identity_providers`',
    table(['identity_providers', 'name'], 'without-variables'),
    ...certificateMaps(),
    '## A route',
    table(route, 'without-variables'),
    ...mapsOfRoute(),
    required,
    '## Not supported yet',
    foreignKeysSection(),
    '## Removed from Pomerium',
    removedKeysSection(),
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `# Configuration

Postern reads one YAML (or JSON) file and the environment. Keys, environment names and meanings are those of Pomerium;
[\`config.example.yaml\`](../config.example.yaml) shows them at work, and [\`schema/postern.schema.json\`](../schema/postern.schema.json)
tells them to editors.

- \`postern check --config FILE\` tells everything that is wrong at once, with file, line and column. So does \`postern run\`, and then
  does not start.
- A key that Postern does not know is an error, and so is one that Pomerium knows and Postern does not follow yet: nothing is ignored in silence.
- Every top-level key can come from the environment, under its name in upper case. A variable beats the file, and a warning says so. An empty
  variable counts as not set. Lists are written with commas or as JSON, maps as JSON. \`ROUTES\` and \`POLICY\` hold the base64 of a YAML list.
- File names are relative to the file that names them; from the environment, to the working directory.
- Where a key \`X\` has a sibling \`X_file\`, only one of them may be set.
- Durations are written like \`30s\`, \`10m\`, \`1h30m\`. Words such as \`info\` or \`Lax\` count in any case, and also behind the name of their key, as
  \`PATH_WITH_ESCAPED_SLASHES_ACTION_REJECT_REQUEST\`.
- Changes of the file, and of the files it names, are taken over while Postern runs. A configuration with errors is refused then, and the old one goes on.`;

const older = `\`policy\` is \`routes\`, and its routes come first. \`client_ca\`, \`client_ca_file\`, \`client_crl\` and \`client_crl_file\` are keys of
\`downstream_mtls\`. The variable \`HEADERS\` is \`SET_RESPONSE_HEADERS\`. Of an older and a newer spelling only one may be set; \`policy\` and
\`routes\` may stand side by side.`;

const logFields = `Each request has one line, for what Pomerium writes to two. \`access_log_fields\` and \`authorize_log_fields\` add to it
${list([...optionalLogFields, 'headers.<Name>'])}. ${list(presentLogFields)} may be written as well: the line always has them, under names of its own.
Any other name is warned of. Headers that may hold a credential, such as \`Authorization\`, \`Cookie\` or \`X-Api-Key\`, are never logged.`;

const required = `## Required

- A server certificate: \`certificates\`, or \`certificate\` and \`certificate_key\` in one of their spellings; or \`insecure_server: true\`.
- \`from\` of every route, and one of \`to\`, \`redirect\` and \`response\`.
- \`authenticate_service_url\`, \`idp_provider\`, \`idp_client_id\`, \`idp_client_secret\` (or \`idp_client_secret_file\`), and for providers without a default
  \`idp_provider_url\`, as soon as one route can send somebody to sign in: one with \`allow_any_authenticated_user\`, \`allowed_users\`,
  \`allowed_domains\`, \`allowed_idp_claims\`, or a policy with a criterion about somebody (\`authenticated_user\`, \`user\`, \`email\`, \`domain\`, \`groups\`,
  \`claim/…\`).`;

type Path = readonly (string | number)[];

const route: Path = ['routes', 0];

function table(path: Path, variables: 'with-variables' | 'without-variables'): string {
  const withVariables = variables === 'with-variables';
  const head = ['Key', ...(withVariables ? ['Variable'] : []), 'Value', 'Default', 'Meaning'];
  const rows = keysAt(path).map(([key, keySchema]) => {
    const facts = keySchema.facts;
    const words = facts?.enum === undefined ? wordsFor(keySchema) : list(facts.enum);
    const written = keySchema.standard;
    const secret = facts?.writeOnly === true ? ' Never shown.' : '';
    const variable = facts?.fileOnly === true ? '–' : `\`${variableName([...path.map(String), key])}\``;
    return [
      `\`${key}\``,
      ...(withVariables ? [variable] : []),
      words,
      written === undefined ? '–' : `\`${writeDefault(written)}\``,
      `${facts?.description ?? ''}${secret}`,
    ];
  });
  return writeTable(head, rows);
}

const mapsAboutCertificates: readonly (readonly [heading: string, path: Path])[] = [
  ['`revocation` of `downstream_mtls`, and `client_certificate_revocation` of a route', ['downstream_mtls', 'revocation']],
  ['An entry of `certificate_identities`, at the top level and of a route', ['certificate_identities', 0]],
  ['An entry of `certificate_links`', ['certificate_links', 0]],
  ['An entry of `client_certificate_authorities`', ['client_certificate_authorities', 0]],
  ['`accept_client_certificate`, or an entry of it', ['accept_client_certificate', 0]],
  ['An entry of `pass_client_certificate`, at the top level and of a route, as a map', ['pass_client_certificate', 0]],
  ['`anonymous_identity` and `default_identity` of a route', [...route, 'anonymous_identity']],
];

function certificateMaps(): readonly string[] {
  return mapsAboutCertificates.flatMap(([heading, path]) => [`## ${heading}`, table(path, 'without-variables')]);
}

const describedAbove = new Set([
  'client_certificate_revocation',
  'certificate_identities',
  'pass_client_certificate',
  'anonymous_identity',
  'default_identity',
]);

/** One table for each small map inside a route. */
function mapsOfRoute(): readonly string[] {
  const own = keysAt(route).filter(([key]) => !describedAbove.has(key));
  return own.flatMap(([key]) => {
    const isMap = keysAt([...route, key]).length > 0;
    const path = isMap ? [...route, key] : [...route, key, 0];
    return keysAt(path).length === 0
      ? []
      : [isMap ? `### \`${key}\` of a route` : `### An entry of \`${key}\` of a route`, table(path, 'without-variables')];
  });
}

function secrets(): string {
  const names = [[], route].flatMap((path) => keysAt(path).flatMap(([key, schema]) => (schema.facts?.writeOnly === true ? [key] : [])));
  return (
    `Values of ${list(names)} never appear in the log or in a problem, and neither does what a file named by one of their \`…_file\` ` +
    'siblings holds. Keys that are spelt like one of them are taken for it.'
  );
}

function providers(): string {
  const rows = Object.entries(providerPresets).map(([kind, { url, scopes, requestParams }]) => {
    const params = Object.entries(requestParams).map(([name, value]) => `\`${name}=${value}\``);
    return [`\`${kind}\``, url === undefined ? 'required' : `\`${url}\``, `\`${scopes.join(' ')}\``, params.join(', ') || '–'];
  });
  return writeTable(['`idp_provider`', '`idp_provider_url`', '`idp_scopes`', '`idp_request_params`'], rows);
}

function flags(): string {
  const others = Object.entries(runtimeFlagDefaults).filter(([name]) => !builtFlags.includes(name));
  const kept = others.map(([name, value]) => `\`${name}: ${value}\``).join(', ');
  return [
    '- `pomerium_jwt_endpoint` (`false`): whether `/.pomerium/jwt` is served.',
    '- `config_hot_reload` (`true`): whether changed files are read again. SIGHUP always works.',
    `- Those that may be written, and only as they are without being written: ${kept}. The other value is not supported yet.`,
  ].join('\n');
}

function wordsFor(schema: Parameters<typeof typeWords>[0]): string {
  return schema.facts?.fileOnly === true ? 'any data' : typeWords(schema);
}

function keysAt(path: Path): readonly (readonly [string, Parameters<typeof typeWords>[0]])[] {
  const schema = schemaAt(settingsSchema, path);
  return Object.entries((schema === undefined ? undefined : possibleKeys(schema)) ?? {});
}

function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function writeDefault(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.join(', ');
  if (value === '') return '""';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
