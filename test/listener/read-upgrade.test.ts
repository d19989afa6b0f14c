import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderList } from '../../src/http/header-list.ts';
import { inspectHeaders } from '../../src/listener/inspect-headers.ts';
import { readUpgrade } from '../../src/listener/read-upgrade.ts';
import { defaultInboundRules } from '../../src/http/inbound-rules.ts';

function read(method: string, headers: HeaderList, protocol: 'http/1.1' | 'http/1.0' = 'http/1.1'): ReturnType<typeof readUpgrade> {
  const inspected = inspectHeaders(headers, protocol, defaultInboundRules.underscores);
  assert.ok(!('reason' in inspected));
  return readUpgrade({ protocol, method }, inspected);
}

const spdy = ['Connection', 'keep-alive, Upgrade', 'Upgrade', 'SPDY/3.1', 'X-Stream-Protocol-Version', 'v4.channel.k8s.io'];

describe('readUpgrade(): SPDY', () => {
  it('is asked for by a GET or POST without a body', () => {
    for (const [method, more] of [
      ['GET', []],
      ['POST', []],
      ['POST', ['Content-Length', '0']],
    ] as const)
      assert.deepEqual(read(method, [...spdy, ...more]), { token: 'spdy/3.1', headers: [...spdy, ...more] });
  });

  it('is an offer to be ignored with a body, by another method, beside another offer, or over another protocol', () => {
    const twice = spdy.map((text) => (text === 'SPDY/3.1' ? 'SPDY/3.1, websocket' : text));
    const other = spdy.map((text) => (text === 'SPDY/3.1' ? 'SPDY/3' : text));
    const cases: readonly (readonly [string, HeaderList, ('http/1.1' | 'http/1.0')?])[] = [
      ['POST', [...spdy, 'Content-Length', '5']],
      ['POST', [...spdy, 'Transfer-Encoding', 'chunked']],
      ['PUT', spdy],
      ['GET', twice],
      ['GET', other],
      ['GET', spdy.filter((_, index) => index > 1)],
      ['GET', spdy, 'http/1.0'],
    ];
    for (const [method, headers, protocol] of cases) assert.deepEqual(read(method, headers, protocol), ignored(headers));
  });
});

function ignored(headers: HeaderList): ReturnType<typeof readUpgrade> {
  return { token: undefined, headers: headers.filter((_, index) => headers[index - (index % 2)] !== 'Upgrade') };
}
