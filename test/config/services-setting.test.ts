import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toldOf } from './given-settings.ts';

const codes = (written: string): string =>
  toldOf(`services: "${written}"`)
    .map((line) => line.split(':', 1)[0])
    .join();

describe('checkServices()', () => {
  it('takes all, and the four of them in any order', () => {
    const good = ['all', 'ALL', 'proxy,databroker,authorize,authenticate', 'authenticate, authorize, cache, Proxy', 'all,proxy'];
    assert.deepEqual(
      good.map(codes),
      good.map(() => ''),
    );
  });

  it('refuses a part of them as not built, and other words as unknown', () => {
    assert.deepEqual(['proxy', 'authorize,databroker,proxy', 'proxies', '', 'proxy,', 'all,x'].map(codes), [
      'error not-supported-yet',
      'error not-supported-yet',
      'error invalid-value',
      'error invalid-value',
      'error invalid-value',
      'error invalid-value',
    ]);
  });
});
