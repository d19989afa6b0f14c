import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { LoopbackServer } from './loopback-server.ts';
import { openLoopbackServer } from './loopback-server.ts';
import { sendPage } from './page.ts';

/** The application `echo`: answers with what it received as JSON, and each message of a WebSocket with the same message. */
export async function openEchoApp(): Promise<LoopbackServer> {
  const loopback = await openLoopbackServer(0, answer);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  loopback.server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (message, isBinary) => webSocket.send(message, { binary: isBinary }));
      // A broken frame ends this connection and nothing else.
      webSocket.on('error', () => webSocket.terminate());
    });
  });
  return {
    port: loopback.port,
    server: loopback.server,
    async [Symbol.asyncDispose]() {
      for (const webSocket of sockets.clients) webSocket.terminate();
      await loopback[Symbol.asyncDispose]();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (wantsSocketPage(request)) return sendPage(response, socketPage);
  let bodyBytes = 0;
  for await (const chunk of request) bodyBytes += (chunk as Buffer).length;
  const { method, url: target, httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]]] : []));
  const body = `${JSON.stringify({ method, target, httpVersion, headers: lists(headers), bodyBytes }, undefined, 2)}\n`;
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** A header that came once as its value, one that came more often as a list: nothing is joined, nothing lost. */
function lists(headers: readonly (readonly (string | undefined)[])[]): Record<string, unknown> {
  const grouped = Map.groupBy(headers, ([name]) => name ?? '');
  return Object.fromEntries(
    [...grouped].map(([name, fields]) => [name, fields.length === 1 ? fields[0]?.[1] : fields.map(([, value]) => value)]),
  );
}

function wantsSocketPage({ headers, method, url }: IncomingMessage): boolean {
  const host = String(headers['x-forwarded-host'] ?? '');
  return method === 'GET' && url === '/' && host.startsWith('socket.') && (headers.accept ?? '').includes('text/html');
}

const socketPage = {
  speaker: 'The application echo, behind Postern',
  title: 'socket: a WebSocket through the same gate',
  body: `<form id="form"><label>Message <input id="message" value="Hello" autocomplete="off"></label> <input type="submit" value="Send"></form>
<p id="state" role="status">Connecting …</p>
<ol id="answers" aria-label="Answers"></ol>`,
  script: `
const state = document.getElementById('state');
const socket = new WebSocket('wss://' + location.host + '/');
socket.onopen = () => { state.textContent = 'Connected'; };
socket.onclose = () => { state.textContent = 'Closed'; };
socket.onmessage = (event) => {
  const item = document.createElement('li');
  item.textContent = event.data;
  document.getElementById('answers').append(item);
};
document.getElementById('form').onsubmit = (event) => {
  event.preventDefault();
  socket.send(document.getElementById('message').value);
};
`,
};
