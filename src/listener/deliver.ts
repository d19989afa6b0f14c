import type { Inbound } from '../http/inbound.ts';
import type { ReplySink } from '../http/exchange.ts';
import { ProxyFailure } from '../http/proxy-failure.ts';
import type { Reply } from '../http/reply.ts';
import type { UpgradeExchange } from '../http/upgrade-exchange.ts';
import type { ClientBody } from './client-body.ts';
import { contain } from './contain.ts';
import type { FrontOptions } from './front-options.ts';
import type { ListenerHandlers } from './listener-handlers.ts';
import type { Unserved } from './listener-refusal.ts';

/** One request as read, with where its body comes from and where its answer goes. */
export interface Delivery {
  readonly reading: Inbound | Unserved;
  readonly body: ClientBody | undefined;
  readonly sink: CuttableSink;
}

export interface CuttableSink extends ReplySink {
  /** Ends the exchange from outside: with a reply where no answer was begun, else without completing the one that was. */
  cut(reply: Reply, failure: ProxyFailure): void;
}

/** Hands a request over. What a handler throws costs the one exchange, never the process. */
export function deliver({ handlers, limits }: Pick<FrontOptions, 'handlers' | 'limits'>, { reading, body, sink }: Delivery): void {
  try {
    if ('kind' in reading) return handlers.onRefusal(reading, sink);
    if (limits.writeMs > 0) cutWhenOverdue(reading, sink, handlers, limits.writeMs);
    handlers.onRequest({ inbound: reading, body, sink });
  } catch (error) {
    handlers.onFault(error);
    sink.abort();
  }
}

/** The same for a request to switch protocols. Its limit counts for the connection that comes of it, too. */
export function deliverUpgrade({ handlers, limits }: Pick<FrontOptions, 'handlers' | 'limits'>, upgrade: UpgradeExchange): void {
  const { inbound, socket } = upgrade;
  if (limits.writeMs > 0) {
    const timer = setTimeout(() => {
      contain(handlers, () => handlers.onOverdue?.(inbound));
      socket.destroy();
    }, limits.writeMs);
    socket.once('close', () => clearTimeout(timer));
  }
  try {
    handlers.onUpgrade(upgrade);
  } catch (error) {
    handlers.onFault(error);
    socket.destroy();
  }
}

function cutWhenOverdue(inbound: Inbound, sink: CuttableSink, handlers: ListenerHandlers, writeMs: number): void {
  const timer = setTimeout(() => {
    contain(handlers, () => handlers.onOverdue?.(inbound));
    sink.cut(overdueReply, new ProxyFailure('request-overdue', `The request and its answer took more than ${writeMs} ms`));
  }, writeMs);
  sink.onClose(() => clearTimeout(timer));
}

// Not 408, which clients may answer with the same request (RFC 9110 section 15.5.9): an upstream may have acted on this one.
const overdueReply: Reply = {
  status: 504,
  headers: ['Content-Type', 'text/plain', 'Cache-Control', 'no-store'],
  body: 'The request took too long\n',
};
