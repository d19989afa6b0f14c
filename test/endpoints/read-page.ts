import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { headerValues } from '../../src/http/header-list.ts';
import type { Reply } from '../../src/http/reply.ts';

export interface ReadPage {
  readonly status: number;
  readonly title: string;
  /** The text of the main landmark, with entities resolved and white space folded. */
  readonly main: string;
  /** Every element of the document, in order, with its attributes. */
  readonly tags: readonly string[];
  readonly csp: string;
}

const voidElements: ReadonlySet<string> = new Set(['meta', 'path']);
const tag = /^<(\/?)([a-z][a-z0-9]*)((?:\s+[A-Za-z][A-Za-z:-]*="[^"<>]*")*)\s*(\/?)>/;
const text = /^(?:[^<>&]|&(?:amp|lt|gt|quot|#39|#96);)+/;

/** Reads a page as a strict reader would, and fails when it is not well-formed or lacks what every page has to have. */
export function readPage({ status, headers, body }: Reply): ReadPage {
  const page = String(body);
  const [csp, ...furtherPolicies] = headerValues(headers, 'content-security-policy');
  assert.deepEqual(furtherPolicies, []);
  assert.deepEqual(headerValues(headers, 'content-type'), ['text/html; charset=utf-8']);
  assert.deepEqual(headerValues(headers, 'x-content-type-options'), ['nosniff']);
  assert.deepEqual(headerValues(headers, 'cache-control'), ['no-store']);
  assert.match(headerValues(headers, 'referrer-policy').join(), /^(?:no-referrer|same-origin)$/);

  const style = /<style>([^<&]*)<\/style>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'`;
  assert.equal(csp?.slice(0, policy.length), policy);
  assert.match(csp ?? '', /; frame-ancestors 'none'; base-uri 'none'$/);

  assert.ok(page.startsWith('<!doctype html>'));
  const tags = readTags(page.slice('<!doctype html>'.length));
  for (const wanted of [/^<html lang="en">$/, /^<title>$/, /^<main>$/, /^<h1>$/])
    assert.equal(tags.filter((one) => wanted.test(one)).length, 1, String(wanted));
  assert.deepEqual(
    tags.filter((one) => /^<(?:script|link|img|iframe|object|base)\b|\s(?:on[a-z]+|style|src)=|javascript:/i.test(one)),
    [],
  );
  return {
    status,
    title: textOf(/<title>(.*?)<\/title>/s.exec(page)?.[1]),
    main: textOf(/<main>(.*)<\/main>/s.exec(page)?.[1]),
    tags,
    csp: csp ?? '',
  };
}

function readTags(page: string): readonly string[] {
  const tags: string[] = [];
  const open: string[] = [];
  let rest = page;
  while (rest !== '') {
    const piece = text.exec(rest)?.[0];
    const found = piece === undefined ? tag.exec(rest) : null;
    if (piece === undefined) {
      assert.ok(found, `not well-formed at ${JSON.stringify(rest.slice(0, 80))}`);
      const [whole, closing, name = '', , selfClosing] = found;
      if (closing === '/') assert.equal(name, open.pop());
      else {
        tags.push(whole);
        if (selfClosing === '' && !voidElements.has(name)) open.push(name);
      }
    }
    rest = rest.slice((piece ?? found?.[0] ?? rest).length);
    // A style sheet is no markup.
    if (open.at(-1) === 'style') rest = rest.slice(rest.indexOf('</style>'));
  }
  assert.deepEqual(open, []);
  return tags;
}

function textOf(markup = ''): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
  return markup
    .replace(/<\/?(?:bdi|span|time)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/&([a-z0-9#]+);/g, (whole, name: string) => entities[name] ?? whole);
}
