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
import { IdleWatch } from './idle-watch.ts';
import { answerFailure, connectFailure } from './read-failure.ts';
import { responseHeaders } from './response-headers.ts';
import { startUpgrade } from './start-upgrade.ts';
import type { UpgradeHandshake } from './upgrade-handshake.ts';
import { findSwitchProblem, upgradeSpellings } from './upgrade-handshake.ts';
import { readUpstreamFields } from './upstream-fields.ts';
import type { UpstreamRoute } from './upstream-route.ts';
import { upstreamTarget } from './upstream-target.ts';

// For the upstream's answer where the route sets no limit: a visitor who waits longer is gone.
const answerTimeoutMs = 30_000;
// A body that explains a refusal; an upstream that sends more is not explaining.
const mostRefusalBytes = 256 * 1024;
// How long one side of a tunnel may stay when the other has ended.
const lingerMs = 1_000;

export interface UpgradeParts {
  readonly route: UpstreamRoute;
  readonly endpoint: Endpoint;
  readonly upgrade: UpgradeExchange;
  readonly handshake: UpgradeHandshake;
  readonly observe: ForwardObserver;
}

/** One upgrade: waiting for the upstream's answer, then a tunnel or a refusal, then over. */
export class Upgrading implements Ongoing {
  readonly #parts: UpgradeParts;
  readonly #client: ClientSide;
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  /** Of an open tunnel. */
  #idle: IdleWatch | undefined;
  #request: ClientRequest | undefined;
  #upstream: Duplex | undefined;
  #connected = false;
  #openedAfterMs: number | undefined;
  #over = false;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
    this.#client = new ClientSide(parts.upgrade.socket, () => this.#idle?.touch());
    this.#startedAt = parts.observe.now();
  }

  get upstreamUrl(): string {
    return this.#parts.endpoint.url;
  }

  end(failure: ProxyFailure): void {
    this.#fail(failure);
  }

  start(headers: HeaderList): void {
    const { route, endpoint, upgrade } = this.#parts;
    upgrade.socket.on('error', (cause) => this.#clientGone(cause));
    upgrade.socket.once('end', () => this.#ended());
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
    this.#upstream = upstream;
    const { handshake, endpoint, upgrade } = this.#parts;
    const fields = readUpstreamFields(response.rawHeaders);
    const problem = fields === undefined ? 'its head is illegal' : findSwitchProblem(fields, handshake);
    if (this.#over || fields === undefined || problem !== undefined) {
      this.#fail(new ProxyFailure('upstream-upgrade-invalid', `Cannot tunnel to ${endpoint.url} after its 101: ${problem}`));
      upstream.destroy();
      return;
    }
    clearTimeout(this.#timer);
    this.#openedAfterMs = this.#parts.observe.now() - this.#startedAt;
    this.#watchIdle();
    upstream.once('end', () => this.#ended());
    upstream.once('close', () => this.#ended());
    upgrade.socket.write(this.#switchHead(fields), 'latin1');
  }

  #watchIdle(): void {
    const { route, endpoint, observe } = this.#parts;
    const { idleTimeoutMs: idleMs } = route;
    if (idleMs === 0) return;
    const silent = `Not a byte to or from ${endpoint.url} in its tunnel for ${idleMs} ms`;
    const onIdle = (): void => this.#fail(new ProxyFailure('upstream-idle', silent));
    this.#idle = new IdleWatch({ idleMs, now: () => observe.now(), onIdle });
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

  #ended(): void {
    if (this.#openedAfterMs === undefined) {
      this.#clientGone(undefined);
      return;
    }
    if (this.#over) return;
    this.#finish();
    this.#report(undefined);
    const { socket } = this.#parts.upgrade;
    const upstream = this.#upstream;
    // The other side gets what is on its way, and the word that this was all. Whoever does not end then is ended.
    const timer = setTimeout(() => {
      socket.destroy();
      upstream?.destroy();
    }, lingerMs);
    socket.once('close', () => {
      clearTimeout(timer);
      upstream?.destroy();
      // The library counts its sockets until each has told its end, and of a half that was never read to its end none comes.
      this.#client.destroy();
    });
  }

  #clientGone(cause: unknown): void {
    this.#fail(new ProxyFailure('client-aborted', 'The client went away', { cause }));
  }

  #upstreamFailed(error: unknown): void {
    const { endpoint } = this.#parts;
    this.#fail(this.#connected ? answerFailure(error, endpoint) : connectFailure(error, endpoint));
  }

  #broken(what: string): void {
    this.#fail(new ProxyFailure('upstream-broken', `${this.#parts.endpoint.url} answered an upgrade with ${what}`));
  }

  #fail(failure: ProxyFailure): void {
    if (this.#over) return;
    this.#finish();
    this.#client.destroy();
    this.#request?.destroy();
    if (this.#openedAfterMs === undefined) {
      this.#parts.observe.failed(failure);
      return;
    }
    // Neither side can be told in its own protocol what happened to the other: both end.
    this.#upstream?.destroy();
    this.#parts.upgrade.socket.destroy();
    this.#report(failure);
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#idle?.stop();
  }

  #report(failure: ProxyFailure | undefined): void {
    this.#parts.observe.done({ upstreamMs: this.#openedAfterMs ?? 0, status: 101, failure });
  }
}
