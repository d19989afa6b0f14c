import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answerBytes, assertionHeader, downPath, seenPath } from './upstream-contract.ts';

// What nginx can't be: the end of uploads, and a WebSocket. Where there is no nginx it is the whole upstream: `node bench/upstream-server.ts PORT`.
const answer = Buffer.alloc(answerBytes, 'x');
const zeroes = Buffer.alloc(256 * 1024);

const server = createServer((request, response) => {
  const { url = '' } = request;
  if (url.startsWith(downPath)) return void writeZeroes(response, Number(url.slice(downPath.length)));
  request.resume();
  request.once('end', () => {
    const body = url === seenPath ? Buffer.from(String(request.headers[assertionHeader] ?? '')) : answer;
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length }).end(body);
  });
});
const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (connection) => {
    connection.on('message', (message, isBinary) => connection.send(message, { binary: isBinary }));
    // Its other end says what went wrong.
    connection.on('error', () => connection.terminate());
  });
});
server.keepAliveTimeout = 600_000;
server.requestTimeout = 0;
server.listen(Number(process.argv[2]), '127.0.0.1');

async function writeZeroes(response: ServerResponse, length: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': length });
  for (let left = length; left > 0 && !response.destroyed; left -= zeroes.length)
    if (!response.write(left < zeroes.length ? zeroes.subarray(0, left) : zeroes))
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  response.end();
}
