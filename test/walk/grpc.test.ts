import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { Client, credentials, status } from '@grpc/grpc-js';
import type { GrpcEcho } from './grpc-echo.ts';
import { chat, count, join, openGrpcEcho, say } from './grpc-echo.ts';
import type { House } from './house.ts';
import { freePort } from '../free-ports.ts';
import { openHouse } from './house.ts';
import { makePki } from './pki.ts';

/** A genuine gRPC client and a genuine gRPC server, and Postern between them. */
for (const scheme of ['h2c', 'https'] as const) {
  describe(`gRPC to ${scheme}://`, () => {
    let house: House;
    let echo: GrpcEcho;
    const clients: Client[] = [];

    before(async () => {
      const pki = await makePki();
      echo = await openGrpcEcho(scheme === 'https' ? pki.server : undefined);
      const to = `'${scheme}://127.0.0.1:${echo.port}'`;
      const tls =
        scheme === 'https'
          ? `, tls_upstream_server_name: up.postern.test, tls_custom_ca: ${Buffer.from(pki.serverCa.certificatePem).toString('base64')}`
          : '';
      const nobody = `'${scheme}://127.0.0.1:${await freePort()}'`;
      house = await openHouse({
        pki,
        config: `
routes:
  - {from: https://grpc.postern.test, to: ${to}, allow_public_unauthenticated_access: true${tls}}
  - {from: https://brief.postern.test, to: ${to}, allow_public_unauthenticated_access: true, timeout: 100ms${tls}}
  - {from: https://gone.postern.test, to: ${nobody}, allow_public_unauthenticated_access: true${tls}}
  - {from: https://closed.postern.test, to: ${to}, policy: [{deny: {and: [{accept: true}]}}]${tls}}
`,
      });
    });

    after(async () => {
      for (const client of clients) client.close();
      await house[Symbol.asyncDispose]();
      await echo[Symbol.asyncDispose]();
    });

    function clientOf(name: string): Client {
      const host = `${name}.postern.test`;
      const client = new Client(`127.0.0.1:${house.port}`, credentials.createSsl(Buffer.from(house.pki.serverCa.certificatePem)), {
        'grpc.ssl_target_name_override': host,
        'grpc.default_authority': host,
        'grpc.enable_retries': 0,
      });
      clients.push(client);
      return client;
    }

    it('carries a call and its answer, with what stands before and behind it', async () => {
      const { text, code, metadata, trailers } = await say(clientOf('grpc'), 'hello', {
        'x-mine': 'yes',
        'x-pomerium-claim-email': 'root',
      });
      assert.deepEqual([text, code, metadata['x-lead'], trailers['x-trailer']], ['you said hello', status.OK, 'ahead', 'behind']);
      const seen = echo.seen.at(-1)?.getMap() ?? {};
      assert.deepEqual([seen['x-mine'], seen['x-pomerium-claim-email']], ['yes', undefined]);
    });

    it('brings the status of a call that fails, with its text and what goes with it', async () => {
      for (const code of [status.NOT_FOUND, status.PERMISSION_DENIED, status.UNAVAILABLE]) {
        const outcome = await say(clientOf('grpc'), `fail ${code}`);
        assert.deepEqual([outcome.code, outcome.details, outcome.trailers['x-why']], [code, 'no – really', 'because']);
      }
    });

    it('carries the deadline of the client to the upstream', async () => {
      const outcome = await say(clientOf('grpc'), 'late', {}, 100);
      assert.equal(outcome.code, status.DEADLINE_EXCEEDED);
      assert.ok(echo.deadline() < Infinity);
      assert.equal((await say(clientOf('grpc'), 'hello', {}, Infinity)).code, status.OK);
      assert.equal(echo.deadline(), Infinity);
    });

    it('streams answers, requests, and both at once', async () => {
      const client = clientOf('grpc');
      assert.deepEqual(
        await count(client, 200),
        Array.from({ length: 200 }, (_, number) => String(number)),
      );
      assert.equal(await join(client, ['a', 'b', 'c']), 'a+b+c');
      const call = chat(client);
      for (const word of ['one', 'two', 'three']) {
        call.write(word);
        assert.deepEqual(await once(call, 'data'), [word.toUpperCase()]);
      }
      call.end();
      const [ended] = await once(call, 'status');
      assert.equal(ended.code, status.OK);
    });

    it('tells the upstream at once when the client gives a call up', async () => {
      const call = chat(clientOf('grpc'));
      call.on('error', () => undefined);
      call.write('one');
      await once(call, 'data');
      call.cancel();
      await echo.cancelled();
    });

    it('says in the words of gRPC what Postern refuses, can not reach, or waited for in vain', async () => {
      const outcomes: Record<string, number> = {};
      for (const name of ['closed', 'gone', 'brief', 'unknown']) outcomes[name] = (await say(clientOf(name), 'late')).code;
      assert.deepEqual(outcomes, {
        closed: status.PERMISSION_DENIED,
        gone: status.UNAVAILABLE,
        brief: status.DEADLINE_EXCEEDED,
        unknown: status.UNIMPLEMENTED,
      });
    });
  });
}
