// The package brings no types; this is what the demo uses of it.
declare module 'ws' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export interface WebSocketConnection {
    on(event: 'message', listener: (message: Buffer, isBinary: boolean) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    send(message: Buffer, options: { readonly binary: boolean }): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: { readonly noServer: true; readonly maxPayload: number });
    readonly clients: ReadonlySet<WebSocketConnection>;
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, connected: (connection: WebSocketConnection) => void): void;
  }
}
