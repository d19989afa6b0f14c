import type { Level } from '../src/config/foreign-keys.ts';
import { removedKeys, unsupportedAdvice, unsupportedKeys } from '../src/config/foreign-keys.ts';

const levels: readonly (readonly [level: Level, title: string])[] = [
  ['settings', 'Top level'],
  ['downstream_mtls', '`downstream_mtls`'],
  ['route', 'A route'],
];

/** The keys that are refused because they are not built, and what to write instead of some. */
export function foreignKeysSection(): string {
  const lists = levels.flatMap(([level, title]) => {
    const keys = unsupportedKeys[level].map((key) => `\`${key}\``).join(', ');
    return keys === '' ? [] : [`**${title}:** ${keys}.`];
  });
  const advice = Object.entries(unsupportedAdvice).map(([key, words]) => `- \`${key}\`: ${words}.`);
  return [
    'Known from Pomerium, or planned. Each is refused by name, with the words `not supported yet`.',
    ...lists,
    ['Instead:', '', ...advice].join('\n'),
    otherValues,
  ].join('\n\n');
}

const otherValues = `Values that are refused likewise: a part of \`services\`, \`normalize_path: false\`, \`idp_provider\` \`apple\`, \`github\` and \`hosted\`,
\`databroker_storage_type: postgres\`, \`log_level\` \`off\`, \`none\` and \`disabled\`, \`from\` with \`tcp+https://\`, \`udp+https://\` or \`ssh://\`, \`to\` with
\`https+unix://\`, \`tcp://\`, \`udp://\` or \`ssh://\`, and runtime flags that are not at their default.`;

/** The keys that mean nothing any more, and what to write instead. */
export function removedKeysSection(): string {
  const rows = levels.flatMap(([level]) => {
    return Object.entries(removedKeys[level]).map(([key, advice]) => `- \`${key}\`${level === 'route' ? ' of a route' : ''}: ${advice}.`);
  });
  return [
    'Each is refused by name, with the word `removed`.',
    rows.join('\n'),
    'So is the value `redis` of `databroker_storage_type`.',
  ].join('\n\n');
}
