import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import type { PosternProcess } from '../faults/postern-process.ts';
import { openPostern } from '../faults/postern-process.ts';
import type { Http2Upstream } from '../upstream/http2-upstream.ts';
import { openHttp2Upstream } from '../upstream/http2-upstream.ts';
import { freePort } from '../free-ports.ts';
import { configText } from './house.ts';
import type { Pki } from './pki.ts';
import { makePki } from './pki.ts';

const mebibyte = 1024 * 1024;
// `POSTERN_TEST_MEBIBYTES=1024` for the long form.
const size = Number(process.env['POSTERN_TEST_MEBIBYTES'] ?? '128') * mebibyte;
const block = Buffer.alloc(64 * 1024, 'a');

/** What passes through is never kept: the process stays as large as it is, however much it carries. */
describe('the memory of Postern', () => {
  let directory: string;
  let postern: PosternProcess;
  let port: number;
  let pki: Pki;
  let two: Http2Upstream;
  const one = createServer((request, response) => {
    if (request.method === 'GET') return void Readable.from(blocks()).pipe(response);
    request.resume().on('end', () => response.end());
  });

  before(async () => {
    pki = await makePki();
    one.listen(0, '127.0.0.1');
    await once(one, 'listening');
    two = await openHttp2Upstream((stream, headers) => {
      if (headers[':method'] !== 'GET')
        return void stream.resume().on('end', () => stream.respond({ ':status': 204 }, { endStream: true }));
      stream.respond({ ':status': 200 });
      return void Readable.from(blocks()).pipe(stream);
    });
    directory = await mkdtemp(join(tmpdir(), 'postern-memory-'));
    await writeFile(join(directory, 'server.pem'), pki.server.certificatePem);
    await writeFile(join(directory, 'server.key'), pki.server.keyPem, { mode: 0o600 });
    port = await freePort();
    const configFile = join(directory, 'config.yaml');
    const open = 'allow_public_unauthenticated_access: true, timeout: 0s';
    const routes = [
      `{from: https://one.postern.test, to: 'http://127.0.0.1:${(one.address() as AddressInfo).port}', ${open}}`,
      `{from: https://two.postern.test, to: '${two.url.href}', ${open}}`,
    ];
    await writeFile(configFile, configText(`workers: 1\nroutes: [${routes.join(', ')}]`, port));
    postern = openPostern({ configFile });
    await postern.start();
    // What a process needs once is not what is asked about: code, and the buffers of a fast stream that wait for the collector.
    for (const name of ['one', 'two']) for (const method of ['GET', 'PUT']) await move(name, method, 64 * mebibyte);
  });

  after(async () => {
    await postern[Symbol.asyncDispose]();
    one.closeAllConnections();
    one.close();
    await two[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** Gives the most by which the process grew. */
  async function growth(name: string, method: string): Promise<number> {
    const atFirst = await residentBytes(postern.pid);
    let largest = 0;
    const watching = setInterval(() => {
      void residentBytes(postern.pid).then((now) => (largest = Math.max(largest, now - atFirst)));
    }, 50);
    assert.equal(await move(name, method, size), method === 'GET' ? size : 0);
    clearInterval(watching);
    return largest;
  }

  /** Gives the bytes of the answer, up to as many as are wanted. */
  async function move(name: string, method: string, bytes: number): Promise<number> {
    const host = `${name}.postern.test`;
    const ca = pki.serverCa.certificatePem;
    const request = httpsRequest({ host: '127.0.0.1', port, servername: host, method, headers: { host }, ca, agent: false });
    request.on('error', () => undefined);
    Readable.from(method === 'PUT' ? blocks(bytes) : []).pipe(request);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let read = 0;
    for await (const chunk of response) {
      read += (chunk as Buffer).length;
      if (read >= bytes) break;
    }
    request.destroy();
    return Math.min(read, bytes);
  }

  for (const [name, method, what] of [
    ['one', 'GET', 'down over HTTP/1.1'],
    ['one', 'PUT', 'up over HTTP/1.1'],
    ['two', 'GET', 'down over HTTP/2'],
    ['two', 'PUT', 'up over HTTP/2'],
  ] as const) {
    it(`grows by less than 40 MiB while ${size / mebibyte} MiB go ${what}`, async () => {
      const grown = await growth(name, method);
      assert.ok(grown < 40 * mebibyte, `it grew by ${(grown / mebibyte).toFixed(1)} MiB`);
    });
  }
});

function* blocks(bytes = size): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += block.length) yield block;
}

async function residentBytes(pid: number): Promise<number> {
  if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
