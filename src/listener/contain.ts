import type { ListenerHandlers } from './listener-handlers.ts';

/** Tells a handler something. What it throws goes to `onFault`: an event of a socket must not end the process. */
export function contain(handlers: Pick<ListenerHandlers, 'onFault'>, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    handlers.onFault(error);
  }
}
