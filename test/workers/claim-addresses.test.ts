import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { claimAddresses } from '../../src/workers/claim-addresses.ts';

const host = '127.0.0.1';

describe('claimAddresses()', { skip: process.platform !== 'linux' && 'ports are shared on Linux only' }, () => {
  it('settles ports and lets go of them', async () => {
    const [first, second] = await claimAddresses([
      { host, port: 0 },
      { host, port: 0 },
    ]);
    assert.ok(first !== undefined && second !== undefined && first.port > 0 && first.port !== second.port);
    assert.deepEqual(await claimAddresses([first, second]), [first, second]);
  });

  it('refuses an address that somebody has, one that is shared as well', async () => {
    for (const reusePort of [false, true]) {
      await using server = createServer();
      await new Promise<void>((resolve) => server.listen({ host, port: 0, reusePort }, resolve));
      const { port } = server.address() as AddressInfo;
      await assert.rejects(
        claimAddresses([
          { host, port: 0 },
          { host, port },
        ]),
        { code: 'EADDRINUSE', port },
      );
    }
  });
});
