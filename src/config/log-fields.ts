import { isFieldName } from '../http/header-list.ts';
import { nearestWord } from './nearest-word.ts';
import { quoteValue } from './quote-value.ts';
import type { RawOperationSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import { isSecretKey } from './secret-keys.ts';

/** Fields that the line of a request has when they are asked for, beside `headers.<Name>`. */
export const optionalLogFields: readonly string[] = ['user-agent', 'referer', 'forwarded-for', 'query', 'size', 'client-certificate'];

/** Fields of Pomerium's two lines whose value the line of a request always has, under a name of its own. */
export const presentLogFields: readonly string[] = [
  'authority',
  'check-request-id',
  'duration',
  'email',
  'host',
  'ip',
  'method',
  'path',
  'request-id',
  'response-code',
  'response-code-details',
  'route-id',
  'upstream-cluster',
  'user',
];

// The others of Pomerium. To name them helps whoever brings a configuration along: the word is right, and there is no such field.
const foreignLogFields = [
  'body',
  'cluster-stat-name',
  'envoy-route-checksum',
  'envoy-route-id',
  'headers',
  'id-token',
  'id-token-claims',
  'impersonate-email',
  'impersonate-session-id',
  'impersonate-user-id',
  'removed-groups-count',
  'route-checksum',
  'service-account-id',
  'session-id',
];

/**
 * The optional fields that either list asks for, each once. Unknown names are only warned of, as in Pomerium: a log with
 * a field too few is better than a proxy that does not start.
 */
export function readLogFields(reading: Reading, raw: RawOperationSettings): readonly string[] {
  const fields = new Map<string, string>();
  for (const list of ['access_log_fields', 'authorize_log_fields'] as const) {
    for (const [index, written] of (raw[list] ?? []).entries()) {
      const lower = written.toLowerCase();
      if (presentLogFields.includes(lower)) continue;
      const refusal = refuse(written, lower);
      if (refusal !== undefined) reading.warning([list, index], `${list}[${index}] ${refusal}`, 'unknown-log-field');
      else if (!fields.has(lower)) fields.set(lower, isHeader(lower) ? `headers.${written.slice(headerPrefix.length)}` : lower);
    }
  }
  return [...fields.values()];
}

const headerPrefix = 'headers.';

function isHeader(lower: string): boolean {
  return lower.startsWith(headerPrefix);
}

function refuse(written: string, lower: string): string | undefined {
  const quoted = quoteValue(written);
  if (isHeader(lower)) {
    const name = lower.slice(headerPrefix.length);
    if (!isFieldName(name)) return `${quoted} names no header: write headers. and its name`;
    // Whoever reads the log would be whoever the line is about.
    return holdsCredentials(name) ? `${quoted} is left out, because the header may hold a credential` : undefined;
  }
  if (optionalLogFields.includes(lower)) return undefined;
  if (foreignLogFields.includes(lower) || lower.startsWith('mcp-'))
    return `${quoted} is not logged here: the line of a request has no such field`;
  const meant = nearestWord(lower, [...optionalLogFields, ...presentLogFields]);
  return `${quoted} is not known, and nothing is logged for it${meant === undefined ? '' : `, did you mean "${meant}"?`}`;
}

function holdsCredentials(name: string): boolean {
  return name.includes('cookie') || name.startsWith('x-pomerium-') || isSecretKey(name);
}
