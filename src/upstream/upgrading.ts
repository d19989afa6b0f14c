import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../http/header-list.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { UpgradeExchange } from '../http/upgrade-exchange.ts';
import { cappedTimeout } from './capped-timeout.ts';
import { ClientSide } from './client-side.ts';
import type { Endpoint } from './endpoint.ts';
import type { ForwardObserver } from './forward-observer.ts';
import type { Ongoing } from './ongoing.ts';
import { answerFailure, connectFailure } from './read-failure.ts';
import { responseHeaders } from './response-headers.ts';
import { startUpgrade } from './start-upgrade.ts';
import { Tunnel } from './tunnel.ts';
import type { UpgradeHandshake } from './upgrade-handshake.ts';
import { findSwitchProblem, upgradeSpellings } from './upgrade-handshake.ts';
import { readUpstreamFields } from './upstream-fields.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import { upstreamTarget } from './upstream-target.ts';

// For the upstream's answer where the route sets no limit: a visitor who waits longer is gone.
const answerTimeoutMs = 30_000;
// A body that explains a refusal; an upstream that sends more is not explaining.
const mostRefusalBytes = 256 * 1024;

export interface UpgradeParts {
  readonly route: UpstreamRoute;
  readonly endpoint: Endpoint;
  readonly upgrade: UpgradeExchange;
  readonly handshake: UpgradeHandshake;
  readonly observe: ForwardObserver;
}

/** One upgrade: waiting for the upstream's answer, then a refusal or a tunnel. */
export class Upgrading implements Ongoing {
  readonly #parts: UpgradeParts;
  readonly #client: ClientSide;
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  #request: ClientRequest | undefined;
  #connected = false;
  #tunnel: Tunnel | undefined;
  /** No answer is waited for any more. */
  #over = false;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
    this.#client = new ClientSide(parts.upgrade.socket, parts.handshake.protocol === 'websocket', () => this.#tunnel?.touch());
    this.#startedAt = parts.observe.now();
  }

  get upstreamUrl(): string {
    return this.#parts.endpoint.url;
  }

  end(failure: ProxyFailure): boolean {
    return this.#tunnel === undefined ? this.#fail(failure) : this.#tunnel.end(failure);
  }

  start(headers: HeaderList): void {
    const { route, endpoint, upgrade } = this.#parts;
    upgrade.socket.on('error', (cause) => this.#clientGone(cause));
    upgrade.socket.once('end', () => this.#clientEnded());
    upgrade.socket.once('close', () => this.#clientGone(undefined));
    const timeoutMs = route.timeoutMs > 0 ? route.timeoutMs : answerTimeoutMs;
    const late = `No answer to an upgrade from ${endpoint.url} within ${timeoutMs} ms`;
    this.#timer = setTimeout(() => this.#fail(new ProxyFailure('upstream-timeout', late)), cappedTimeout(timeoutMs));
    try {
      startUpgrade({
        endpoint,
        method: upgrade.inbound.method,
        target: upstreamTarget(route, upgrade.inbound),
        headers,
        client: this.#client,
        head: upgrade.head,
        connectTimeoutMs: route.pool.connectTimeoutMs,
        onRequest: (request) => this.#watch(request),
        onError: (error) => this.#upstreamFailed(error),
      });
    } catch (cause) {
      this.#fail(new ProxyFailure('internal', `Cannot hand the upgrade to ${endpoint.url}`, { cause }));
    }
  }

  #watch(request: ClientRequest): void {
    this.#request = request;
    request.once('socket', (socket) => {
      socket.once(this.#parts.endpoint.target.kind === 'tls' ? 'secureConnect' : 'connect', () => {
        this.#connected = true;
      });
    });
    // Before the library's own listeners, which tunnel whatever the 101 says.
    request.once('upgrade', (response, socket) => this.#judge(response, socket));
    request.once('response', (response) => this.#passRefusal(response));
  }

  #judge(response: IncomingMessage, upstream: Duplex): void {
    const { handshake, endpoint } = this.#parts;
    const fields = readUpstreamFields(response.rawHeaders);
    const problem = fields === undefined ? 'its head is illegal' : findSwitchProblem(fields, handshake);
    if (this.#over || fields === undefined || problem !== undefined) {
      this.#fail(new ProxyFailure('upstream-upgrade-invalid', `Cannot tunnel to ${endpoint.url} after its 101: ${problem}`));
      upstream.destroy();
      return;
    }
    this.#finish();
    this.#openTunnel(upstream, fields);
  }

  #openTunnel(upstream: Duplex, fields: HeaderList): void {
    const { route, endpoint, upgrade, observe } = this.#parts;
    const upstreamMs = observe.now() - this.#startedAt;
    this.#tunnel = new Tunnel({
      socket: upgrade.socket,
      client: this.#client,
      upstream,
      upstreamUrl: endpoint.url,
      idleMs: route.idleTimeoutMs,
      now: () => observe.now(),
      onOver: (failure) => observe.done({ upstreamMs, status: 101, failure }),
    });
    upgrade.socket.write(this.#switchHead(fields), 'latin1');
  }

  #switchHead(upstream: HeaderList): string {
    const kept = this.#headers(upstream, []);
    const protocol = upgradeSpellings[this.#parts.handshake.protocol];
    let head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
    for (let index = 0; index < kept.length; index += 2) {
      // RFC 9110 section 8.6: a 1xx has no length.
      if (kept[index]?.toLowerCase() !== 'content-length') head += `${kept[index]}: ${kept[index + 1]}\r\n`;
    }
    return `${head}\r\n`;
  }

  #headers(upstream: HeaderList, set: HeaderList): HeaderList {
    const { route, upgrade, observe } = this.#parts;
    return responseHeaders({
      upstream,
      isOurCookie: route.headers.isOurCookie,
      requestId: upgrade.inbound.id,
      rewrites: route.responseRewrites,
      set,
      onCookieDropped: (name) => observe.cookieDropped(name),
    });
  }

  /** The upstream said no: its answer goes to the client whole and the connection ends, so that no later byte is taken for a frame. */
  #passRefusal(response: IncomingMessage): void {
    // The library passes an answer on by itself unless its client is gone.
    this.#client.destroy();
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > mostRefusalBytes) this.#broken(`a refusal of more than ${mostRefusalBytes} bytes`);
    });
    response.once('error', (error) => this.#upstreamFailed(error));
    response.once('end', () => this.#refuse(response, Buffer.concat(chunks)));
  }

  #refuse(response: IncomingMessage, body: Buffer): void {
    if (this.#over) return;
    const { route, upgrade, observe } = this.#parts;
    const fields = readUpstreamFields(response.rawHeaders);
    const status = response.statusCode ?? 0;
    if (fields === undefined || status < 200 || status > 599 || !response.complete) {
      this.#broken('an illegal refusal');
      return;
    }
    const headers = this.#headers(fields, route.responseHeaders);
    const framed = headers.flatMap((name, index) =>
      index % 2 === 1 || name.toLowerCase() === 'content-length' ? [] : [name, headers[index + 1] ?? ''],
    );
    this.#finish();
    upgrade.refuse({ status, headers: framed, body });
    observe.done({ upstreamMs: observe.now() - this.#startedAt, status, failure: undefined });
  }

  #clientEnded(): void {
    if (this.#tunnel === undefined) this.#clientGone(undefined);
    else this.#tunnel.sideEnded();
  }

  #clientGone(cause: unknown): void {
    const failure = new ProxyFailure('client-aborted', 'The client went away', { cause });
    if (this.#tunnel === undefined) this.#fail(failure);
    else this.#tunnel.fail(failure);
  }

  #upstreamFailed(error: unknown): void {
    const { endpoint } = this.#parts;
    const failure = this.#connected ? answerFailure(error, endpoint) : connectFailure(error, endpoint);
    if (this.#tunnel === undefined) this.#fail(failure);
    else this.#tunnel.fail(failure);
  }

  #broken(what: string): void {
    this.#fail(new ProxyFailure('upstream-broken', `${this.#parts.endpoint.url} answered an upgrade with ${what}`));
  }

  /** False when it was over before. */
  #fail(failure: ProxyFailure): boolean {
    if (this.#over) return false;
    this.#finish();
    this.#client.destroy();
    this.#request?.destroy();
    this.#parts.observe.failed(failure);
    return true;
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}
