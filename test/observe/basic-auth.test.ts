import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasCredentials } from '../../src/observe/basic-auth.ts';

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('hasCredentials()', () => {
  it('knows them however the scheme is spelt, with any character in them', () => {
    for (const credentials of ['scraper:sesame', 'a:b:c', 'é:ü😀', ':', 'a:'])
      assert.deepEqual(
        [basic(credentials), basic(credentials).replace('Basic', 'bASIC  '), `${basic(credentials)} `].map((header) =>
          hasCredentials(header, credentials),
        ),
        [true, true, true],
      );
  });

  it('knows nothing else', () => {
    const wrong = [
      undefined,
      '',
      'Basic',
      'Basic ',
      basic(''),
      basic('scraper'),
      basic('scraper:'),
      basic('scraper:sesame '),
      basic('Scraper:sesame'),
    ];
    const forms = ['Bearer c2NyYXBlcjpzZXNhbWU=', 'scraper:sesame', `${basic('scraper:sesame')}, Basic x`, `x ${basic('scraper:sesame')}`];
    for (const header of [...wrong, ...forms]) assert.equal(hasCredentials(header, 'scraper:sesame'), false, String(header));
    assert.equal(hasCredentials('Basic', ''), false);
  });
});
