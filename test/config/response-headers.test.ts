import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, told } from './given-settings.ts';

const route = 'policy: [{from: "https://a.x", to: "http://127.0.0.1:1", allow_public_unauthenticated_access: true}]';
const strict = ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains; preload'];
const defaults = [
  ['X-Frame-Options', 'SAMEORIGIN'],
  ['X-XSS-Protection', '1; mode=block'],
];

function headers(text: string): unknown {
  return settingsOf({ text: `${text}\n${route}` }).settings.routes[0]?.setResponseHeaders;
}

const certificate = linesOf().text?.replace('routes: []', '') ?? '';

describe('readResponseHeaders()', () => {
  it('has defaults, of which strict transport needs a certificate', () => {
    assert.deepEqual([headers(certificate), headers('insecure_server: true')], [[...defaults, strict], defaults]);
  });

  it('replaces all defaults by what is written, and by nothing with disable', () => {
    assert.deepEqual(
      [
        headers(`${certificate}\nset_response_headers: {Referrer-Policy: no-referrer}`),
        headers(`${certificate}\nset_response_headers: {}`),
      ],
      [[['Referrer-Policy', 'no-referrer']], []],
    );
    assert.deepEqual(headers(`${certificate}\nset_response_headers: {disable: "true"}`), []);
  });

  it('refuses headers that frame the answer, hold a session or speak of the identity', () => {
    const names = ['Transfer_Encoding', 'connection', 'set-cookie', 'X-Pomerium-Jwt-Assertion', 'Content-Length', 'Upgrade'];
    const problems = names.flatMap((name) => told({ text: `${certificate}\nset_response_headers: {${name}: x}\n${route}` }));
    assert.deepEqual(
      problems.map(({ severity, place }) => [severity, place?.kind]),
      names.map(() => ['error', 'file']),
    );
  });

  it('tells a problem of the global map once, however many routes there are', () => {
    const two = 'routes: [{from: "https://b.x", to: "http://127.0.0.1:1", allow_public_unauthenticated_access: true}]';
    assert.equal(told({ text: `${certificate}\nset_response_headers: {te: x}\n${route}\n${two}` }).length, 1);
  });
});
