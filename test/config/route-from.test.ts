import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFrom } from '../../src/config/route-from.ts';

describe('parseFrom()', () => {
  it('reads hosts and wildcards in canonical form, with a port that is not 443', () => {
    const texts = [
      'https://App.Corp.Example',
      'https://app.corp.example:443/',
      'HTTPS://*.corp.example:8443',
      'https://*',
      'https://[::1]:8443',
      'https://a-*.x:443',
    ];
    assert.deepEqual(
      texts.map((text) => {
        const from = parseFrom(text);
        return from.ok ? [from.host, from.port] : from.message;
      }),
      [
        ['app.corp.example', undefined],
        ['app.corp.example', undefined],
        ['*.corp.example', 8443],
        ['*', undefined],
        ['[::1]', 8443],
        ['a-*.x', undefined],
      ],
    );
  });

  it('refuses everything else', () => {
    const texts = [
      '',
      'https://',
      'https:///',
      'https://a b',
      'https://a/b',
      'https://a//',
      'https://a?x',
      'https://a#x',
      'https://u@a',
      'https://a:',
      'https://a:0',
    ];
    texts.push(
      'https://a:99999',
      'http://a',
      'https:/a',
      'a.example',
      'https://a\\b',
      'https://-a',
      'https://[::1',
      ' https://a',
      'https://a ',
      'https://ä',
      'https://a,b',
    );
    assert.deepEqual(
      texts.filter((text) => parseFrom(text).ok),
      [],
    );
  });

  it('names schemes that are known and not built', () => {
    for (const scheme of ['tcp+https', 'udp+https', 'ssh']) {
      const from = parseFrom(`${scheme}://a.example:22`);
      assert.match(from.ok ? '' : from.message, new RegExp(`${scheme.replace('+', '\\+')}:// is not supported yet`));
    }
  });
});
