import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderList } from '../../src/http/header-list.ts';
import { bodyKindFor, canFollowSignIn } from '../../src/http/negotiate.ts';

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describe('canFollowSignIn()', () => {
  const followed: readonly [why: string, headers: HeaderList][] = [
    ['no Accept at all', []],
    ['an empty Accept', ['Accept', '']],
    ['a browser', ['Accept', browser, 'Sec-Fetch-Mode', 'navigate']],
    ['curl', ['accept', '*/*']],
    ['HTML in any case', ['ACCEPT', 'TEXT/HTML']],
    ['a tie between HTML and JSON, however ordered', ['Accept', 'application/json, text/html']],
    ['a tie made by a wildcard', ['Accept', 'application/json, text/plain, */*']],
    ['a tie between HTML and text', ['Accept', 'text/*']],
    ['HTML preferred by weight', ['Accept', 'application/json;q=0.8, text/html;q=0.9']],
    ['only types that we do not have', ['Accept', 'image/png, image/*;q=0.5']],
    ['everything refused', ['Accept', 'text/html;q=0']],
    ['a weight above 1, which makes the list unreadable', ['Accept', 'application/json, text/html;q=2']],
    ['a weight with four decimals', ['Accept', 'application/json;q=0.1234']],
    ['a lone star', ['Accept', 'application/json, *']],
    ['a star for the type only', ['Accept', 'application/json, */html']],
    ['an unclosed quote', ['Accept', 'application/json;a="b']],
    ['text after a range', ['Accept', 'application/json text/html']],
    ['a weight inside a quoted string, which is none', ['Accept', 'text/html;a=";q=0.1", application/json;q=0.5']],
    ['other content types', ['Content-Type', 'application/json']],
    ['credentials for the app', ['Authorization', 'Bearer abc']],
    ['another X-Requested-With', ['X-Requested-With', 'com.example.app']],
  ];
  for (const [why, headers] of followed) it(`redirects: ${why}`, () => assert.equal(canFollowSignIn(headers), true));

  const told: readonly [why: string, headers: HeaderList][] = [
    ['JSON alone', ['Accept', 'application/json']],
    ['JSON preferred by weight', ['Accept', 'text/html;q=0.5, application/json;q=0.6']],
    ['JSON by the family of its type', ['Accept', 'application/*, text/html;q=0.9']],
    ['text preferred', ['Accept', 'text/plain, text/html;q=0.9']],
    ['HTML refused by its own range, whatever the star says', ['Accept', 'text/html;q=0, */*']],
    ['HTML refused by its family', ['Accept', 'text/*;q=0, */*;q=0.1']],
    ['several fields, read as one list', ['Accept', 'text/html;q=0.1', 'accept', 'application/json']],
    ['empty elements and spaces around', ['Accept', ' , application/json ; charset=utf-8 ; q=1.000 ,']],
    ['the Q of a weight in upper case', ['Accept', 'text/html;Q=0.2, application/json;q=0.3']],
    ['parameters with quotes and commas', ['Accept', 'application/json;a="x, text/html", text/html;q=0.5']],
    ['gRPC accepted', ['Accept', 'application/grpc+proto']],
    ['a gRPC call', ['Content-Type', 'application/grpc']],
    ['a gRPC-Web call in any case', ['Content-Type', 'Application/gRPC-Web-Text+proto']],
    ['XMLHttpRequest', ['Accept', browser, 'X-Requested-With', 'XMLHttpRequest']],
    ['xmlhttprequest in another case', ['X-Requested-With', 'xmlhttprequest']],
    ['fetch() of a page', ['Accept', '*/*', 'Sec-Fetch-Mode', 'cors']],
    ['an image', ['Accept', '*/*', 'Sec-Fetch-Mode', 'no-cors']],
    ['a WebSocket', ['Sec-Fetch-Mode', 'websocket']],
    ['two fetch modes', ['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Mode', 'cors']],
    ['a session token of its own header', ['X-Pomerium-Authorization', 'abc']],
    ['a session token as Pomerium credentials', ['Authorization', 'Pomerium abc']],
    ['a session token as bearer', ['Authorization', 'bearer Pomerium-abc']],
  ];
  for (const [why, headers] of told) it(`answers 401: ${why}`, () => assert.equal(canFollowSignIn(headers), false));

  it('answers 401 when a session token is in the query', () => {
    assert.deepEqual(
      ['?pomerium_session=x', 'a=b&pomerium_session=x', '?a=pomerium_session=x', '?xpomerium_session=x', ''].map((query) =>
        canFollowSignIn([], query),
      ),
      [false, false, true, true, true],
    );
  });
});

describe('bodyKindFor()', () => {
  const kinds: readonly [kind: string, why: string, headers: HeaderList][] = [
    ['html', 'no Accept', []],
    ['html', 'an unreadable Accept', ['Accept', ';;;']],
    ['html', 'nothing that we have', ['Accept', 'image/png']],
    ['html', 'a browser', ['Accept', browser]],
    ['html', 'curl', ['Accept', '*/*']],
    ['json', 'JSON', ['Accept', 'application/json']],
    ['json', 'a script that takes everything', ['Accept', '*/*', 'Sec-Fetch-Mode', 'cors']],
    ['json', 'a script with the usual list', ['Accept', 'application/json, text/plain, */*', 'X-Requested-With', 'XMLHttpRequest']],
    ['html', 'a script that wants HTML', ['Accept', 'text/html, */*;q=0.1', 'Sec-Fetch-Mode', 'cors']],
    ['text', 'plain text', ['Accept', 'text/plain']],
    ['grpc', 'gRPC accepted', ['Accept', 'application/grpc']],
    ['grpc', 'a gRPC call, whatever it accepts', ['Content-Type', 'application/grpc-web+proto', 'Accept', 'text/html']],
  ];
  for (const [kind, why, headers] of kinds) it(`gives ${kind}: ${why}`, () => assert.equal(bodyKindFor(headers), kind));

  it('reads a hostile Accept in a time that grows with its length only', () => {
    const hostile = [
      `a/b${' '.repeat(100_000)}x`,
      `a/b${' ;'.repeat(50_000)}x`,
      `a/b${';a=b'.repeat(25_000)}"`,
      `a/b;a="${'\\"'.repeat(50_000)}`,
      ','.repeat(100_000),
      `${'a/b,'.repeat(25_000)}"`,
    ];
    const started = process.cpuUsage();
    for (const accept of hostile) assert.equal(bodyKindFor(['Accept', accept]), 'html');
    // Anything quadratic takes minutes of the processor for these.
    assert.ok(process.cpuUsage(started).user < 3_000_000);
  });
});
