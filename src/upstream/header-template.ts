import { isFieldValue } from '../http/header-list.ts';
import type { TokenName } from './vouched.ts';

/** A value of `set_request_headers`, read once. */
export type HeaderTemplate = readonly TemplatePart[];

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'token'; readonly name: TokenName }
  | { readonly kind: 'request-header'; readonly lowerName: string }
  /** A reference that stands for nothing; empty, as in Pomerium. */
  | { readonly kind: 'unknown' };

/** What references stand for; empty texts where there is nothing. */
export interface TemplateValues {
  token(name: TokenName): string;
  requestHeader(lowerName: string): string;
}

/**
 * Reads `${pomerium.jwt}`, `${pomerium.request.headers["X-Name"]}` and the short form `$pomerium.jwt`; `$$` is a dollar sign. A `${` that
 * is not closed, or holds no reference, is text.
 */
export function parseHeaderTemplate(text: string): HeaderTemplate {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (const match of text.matchAll(reference)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    parts.push(readReference(match));
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

/**
 * The value as it is sent. References in what is put in are not followed, and what no header may hold is left out: a value can end
 * neither its header nor its place in it.
 */
export function fillHeaderTemplate(template: HeaderTemplate, values: TemplateValues): string {
  let filled = '';
  for (const part of template) filled += fillPart(part, values);
  return filled;
}

function fillPart(part: TemplatePart, values: TemplateValues): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'token':
      return fieldText(values.token(part.name));
    case 'request-header':
      return fieldText(values.requestHeader(part.lowerName));
    case 'unknown':
      return '';
  }
}

function fieldText(value: string): string {
  return isFieldValue(value) ? value : '';
}

// `$$`; `$a.b`, which is none with a dot behind it; `${ a . b ["c"] }` with blanks wherever they help the eye.
const reference =
  /\$(?:(\$)|([\w-]+(?:\.[\w-]+)*)(\.?)|\{[ \t]*([\w-]+(?:[ \t]*(?:\.[ \t]*[\w-]+|\[[ \t]*"(?:\\.|[^"\\])*"[ \t]*\]))*)[ \t]*\})/g;
const step = /[\w-]+|"((?:\\.|[^"\\])*)"/g;

function readReference([whole, dollar, short, dot, long]: RegExpExecArray): TemplatePart {
  if (dollar !== undefined) return { kind: 'text', text: '$' };
  if (dot === '.') return { kind: 'text', text: whole };
  if (short !== undefined) return resolve(short.split('.'));
  return resolve([...(long ?? '').matchAll(step)].map(([bare, quoted]) => quoted?.replace(/\\(.)/g, '$1') ?? bare));
}

function resolve([root, ...path]: readonly string[]): TemplatePart {
  if (root !== 'pomerium') return { kind: 'unknown' };
  const [name, second, header] = path;
  const token = path.length === 1 ? tokenNames.find((known) => known === name) : undefined;
  if (token !== undefined) return { kind: 'token', name: token };
  const isHeader = path.length === 3 && name === 'request' && second === 'headers';
  return isHeader && header !== undefined ? { kind: 'request-header', lowerName: header.toLowerCase() } : { kind: 'unknown' };
}

const tokenNames: readonly TokenName[] = [
  'access_token',
  'id_token',
  'jwt',
  'client_cert_fingerprint',
  'client_cert_san_dns',
  'client_cert_san_email',
];
