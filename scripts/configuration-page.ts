import { keyDefault, keyFacts } from '../src/config/key-schema.ts';
import { variableName } from '../src/config/read-environment.ts';
import { fixedKeys, schemaAt, typeWords } from '../src/config/schema-walk.ts';
import { settingsSchema } from '../src/config/settings-schema.ts';

/** `docs/configuration.md`, written from the schema that reads the configuration. */
export function configurationPage(): string {
  return [
    '<!-- Written by `node scripts/write-docs.ts` from src/config/settings-schema.ts and route-schema.ts: change those, not this page. -->',
    introduction,
    '## Top level',
    table([], 'with-variables'),
    '## An entry of `certificates`',
    table(['certificates', 0], 'without-variables'),
    '## `downstream_mtls`',
    table(['downstream_mtls'], 'with-variables'),
    '## A route',
    table(['routes', 0], 'without-variables'),
    closing,
  ].join('\n\n');
}

const introduction = `# Configuration

Postern reads one YAML (or JSON) file and the environment. Keys, environment names and meanings are those of Pomerium;
[\`config.example.yaml\`](../config.example.yaml) shows them at work.

- \`postern check --config FILE\` tells everything that is wrong at once, with file, line and column. So does \`postern run\`, and then
  does not start.
- A key that Postern does not know is an error, and so is one that Pomerium knows and Postern does not follow yet: nothing is ignored in silence.
- Every top-level key can come from the environment, under its name in upper case. A variable beats the file, and a warning says so. An empty
  variable counts as not set. Lists are written with commas or as JSON, maps as JSON. \`ROUTES\` and \`POLICY\` hold the base64 of a YAML list.
- File names are relative to the file that names them; from the environment, to the working directory.
- Where a key \`X\` has a sibling \`X_file\`, only one of them may be set.
- Durations are written like \`30s\`, \`10m\`, \`1h30m\`. Words such as \`info\` or \`Lax\` count in any case.
- Changes of the file, and of the files it names, are taken over while Postern runs. A configuration with errors is refused then, and the old one goes on.`;

const closing = `## Required

- A server certificate: \`certificates\`, or \`certificate\` and \`certificate_key\` in one of their spellings.
- \`from\` and \`to\` of every route.
- \`authenticate_service_url\`, \`idp_provider\`, \`idp_provider_url\`, \`idp_client_id\` and \`idp_client_secret\` (or \`idp_client_secret_file\`), as soon as
  one route can send somebody to sign in: one with \`allow_any_authenticated_user\`, \`allowed_users\`, \`allowed_domains\`, or a policy with a criterion
  about somebody (\`authenticated_user\`, \`user\`, \`email\`, \`domain\`, \`groups\`, \`claim/…\`).
`;

function table(path: readonly (string | number)[], variables: 'with-variables' | 'without-variables'): string {
  const schema = schemaAt(settingsSchema, path);
  const keys = schema === undefined ? undefined : fixedKeys(schema);
  const withVariables = variables === 'with-variables';
  const head = ['Key', ...(withVariables ? ['Variable'] : []), 'Value', 'Default', 'Meaning'];
  const rows = Object.entries(keys ?? {}).map(([key, keySchema]) => {
    const facts = keyFacts(keySchema);
    const words = facts?.enum === undefined ? typeWords(keySchema) : facts.enum.map((word) => `\`${word}\``).join(', ');
    const written = keyDefault(keySchema);
    const secret = facts?.writeOnly === true ? ' Never shown.' : '';
    return [
      `\`${key}\``,
      ...(withVariables ? [`\`${variableName([...path.map(String), key])}\``] : []),
      words,
      written === undefined ? '–' : `\`${writeDefault(written)}\``,
      `${facts?.description ?? ''}${secret}`,
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function writeDefault(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
