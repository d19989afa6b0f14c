import type { HeaderList } from '../http/header-list.ts';
import { headerValues, isFieldName, isFieldValue } from '../http/header-list.ts';

/**
 * Header or trailer fields as undici hands them over, as text; undefined when a name or value is none of RFC 9110. Passed on,
 * such a field could end the head early and start an answer that nobody asked for.
 */
export function readUpstreamFields(raw: unknown): HeaderList | undefined {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw) || raw.length % 2 !== 0) return undefined;
  const fields: string[] = [];
  for (const [index, item] of raw.entries()) {
    const text = readText(item);
    if (text === undefined || !(index % 2 === 0 ? isFieldName(text) : isFieldValue(text))) return undefined;
    fields.push(text);
  }
  return fields;
}

/**
 * Whether the transfer coding of an answer is one that was undone on the way in: none, or `chunked` once. After any other the
 * body would go on coded and unlabelled, and where it ends is a matter of opinion (RFC 9112 section 6.1).
 */
export function hasReadableCoding(fields: HeaderList): boolean {
  const [coding, ...more] = headerValues(fields, 'transfer-encoding');
  return more.length === 0 && (coding === undefined || coding.trim().toLowerCase() === 'chunked');
}

function readText(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  // Bytes stay bytes: latin1 there and latin1 back.
  return Buffer.isBuffer(item) ? item.toString('latin1') : undefined;
}
