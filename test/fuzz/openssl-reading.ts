import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { SecureContext } from 'node:tls';
import { TLSSocket } from 'node:tls';

/** What OpenSSL made of the first flight of a client. */
export type OpensslReading =
  /** It answered with a flight of its own. `serverName` is the one that it would choose a certificate by; undefined for none. */
  | { readonly kind: 'answered'; readonly serverName: string | undefined }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'waiting' };

/** Gives the bytes, cut as they are, to a TLS server of Node's. No socket of the machine is used. */
export async function readWithOpenssl(chunks: readonly Buffer[], context: SecureContext): Promise<OpensslReading> {
  let serverName: string | undefined;
  let refusal: string | undefined;
  let answer = Buffer.alloc(0);
  const wire = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      answer = Buffer.concat([answer, chunk]);
      done();
    },
  });
  const socket = new TLSSocket(wire, {
    isServer: true,
    secureContext: context,
    SNICallback(name, done) {
      serverName = name;
      done(null, context);
    },
  });
  socket.on('error', (error: Error & { readonly code?: string }) => (refusal ??= error.code ?? error.message));
  // Named by Node's own documentation for what happens before the handshake is done.
  socket.on('_tlsError', (error: Error & { readonly code?: string }) => (refusal ??= error.code ?? error.message));
  for (const chunk of chunks) {
    wire.push(chunk);
    if (chunks.length < 40) await setImmediate();
  }
  const isSettled = (): boolean => refusal !== undefined || answer.length > 0;
  // The callbacks of a handshake take a few turns of the loop.
  for (let turn = 0; turn < 50 && !isSettled(); turn += 1) await setImmediate();
  socket.destroy();
  wire.destroy();
  if (isHandshake(answer)) return { kind: 'answered', serverName };
  if (refusal !== undefined || answer.length > 0) return { kind: 'refused', code: refusal ?? 'alert' };
  return { kind: 'waiting' };
}

/** A record of the handshake, and no alert. */
function isHandshake(answer: Buffer): boolean {
  return answer[0] === 22;
}
