import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

describe('signout_redirect_url', () => {
  it('is any page of the web, and nothing that only looks like one', () => {
    const good = ['http://a.x', 'https://a.x:8443/b/?c=d/e?f#g'];
    const wrong = [
      '//a.x',
      '/bye',
      'javascript:alert(1)',
      'https://user@a.x/',
      'https://a.x/ b',
      'https:a.x',
      'https://a.x\\b',
      'https://',
    ];
    assert.deepEqual(
      good.map((url) => settingsOf(linesOf(`signout_redirect_url: '${url}'`)).settings.signOutRedirectUrl?.href),
      ['http://a.x/', 'https://a.x:8443/b/?c=d/e?f#g'],
    );
    assert.deepEqual(
      wrong.map((url) => toldOf(`signout_redirect_url: '${url}'`).length),
      wrong.map(() => 1),
    );
  });
});

describe('programmatic_redirect_domain_whitelist', () => {
  it('holds hosts without anything around them', () => {
    const wrong = ['https://a.x', 'a.x:1', '*.x', 'a b', ''];
    assert.deepEqual(
      wrong.map(
        (host) =>
          toldOf(`programmatic_redirect_domain_whitelist: ['${host}']`).filter((told) => JSON.stringify(told).includes('is no host'))
            .length,
      ),
      wrong.map(() => 1),
    );
    assert.deepEqual(settingsOf(linesOf('programmatic_redirect_domain_whitelist: []')).settings.programmaticRedirectDomains, []);
  });
});
