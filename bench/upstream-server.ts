import { createServer } from 'node:http';
import { answerBytes, assertionHeader, seenPath } from './upstream-contract.ts';

// The upstream where there is no nginx: `node bench/upstream-server.ts PORT`.
const answer = Buffer.alloc(answerBytes, 'x');

const server = createServer((request, response) => {
  const body = request.url === seenPath ? Buffer.from(String(request.headers[assertionHeader] ?? '')) : answer;
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length }).end(body);
});
server.keepAliveTimeout = 600_000;
server.listen(Number(process.argv[2]), '127.0.0.1');
