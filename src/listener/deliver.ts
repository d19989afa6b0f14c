import type { ReplySink } from '../http/exchange.ts';
import type { Inbound } from '../http/inbound.ts';
import type { ClientBody } from './client-body.ts';
import type { ListenerHandlers } from './listener-handlers.ts';
import type { ListenerRefusal } from './listener-refusal.ts';

/** One request as read, with where its body comes from and where its answer goes. */
export interface Delivery {
  readonly reading: Inbound | ListenerRefusal;
  readonly body: ClientBody | undefined;
  readonly sink: ReplySink;
}

/** Hands a request over. What a handler throws costs the one exchange, never the process. */
export function deliver(handlers: ListenerHandlers, { reading, body, sink }: Delivery): void {
  try {
    if ('kind' in reading) handlers.onRefusal(reading, sink);
    else handlers.onRequest({ inbound: reading, body, sink });
  } catch (error) {
    handlers.onFault(error);
    sink.abort();
  }
}
