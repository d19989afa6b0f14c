import type { Readable, Writable } from 'node:stream';

export interface UploadParts {
  readonly body: Readable;
  /** As announced; undefined when unknown. */
  readonly length: number | undefined;
  readonly to: Writable;
  /** Called between the last piece and the end. */
  readonly beforeEnd?: () => void;
  /** Called for each piece that was written. */
  readonly onMoved: () => void;
  /** Called when the body ends before its announced length, after it, or not at all. The other side was not ended then. */
  readonly onBroken: (error: Error) => void;
}

/** Moves a request's body to an upstream at the pace of the slower of both. What was not sent whole is never ended as if it were. */
export function startUpload({ body, length, to, beforeEnd, onMoved, onBroken }: UploadParts): void {
  let sent = 0;
  let over = false;
  const breakOff = (): void => {
    if (over) return;
    over = true;
    onBroken(new BrokenBody());
  };
  if (body.destroyed) return breakOff();
  to.on('drain', () => void body.resume());
  body.on('data', (chunk: Buffer) => {
    if (over || to.destroyed) return;
    sent += chunk.length;
    if (length !== undefined && sent > length) breakOff();
    else if (!to.write(chunk, onMoved)) body.pause();
  });
  body.once('end', () => {
    if (over || (length !== undefined && sent !== length)) return breakOff();
    over = true;
    beforeEnd?.();
    to.end();
  });
  body.once('close', breakOff);
}

/** The client's body is at fault, not the upstream. */
class BrokenBody extends Error {
  readonly code = 'ERR_BROKEN_BODY';

  constructor() {
    super('The body of the request broke off');
  }
}
