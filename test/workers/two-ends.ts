import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pipe } from '../../src/workers/channel.ts';

class End extends EventEmitter implements Pipe {
  connected = true;
  other: End | undefined;

  send(message: object, _handle: undefined, _options: undefined, done: (error: Error | null) => void): boolean {
    const copy: unknown = structuredClone(message);
    void nextTurn().then(() => this.other?.emit('message', copy));
    done(null);
    return true;
  }
}

/** Both ends of a pipe, in one process; what is sent is copied on the way. */
export function twoEnds(): { readonly near: Pipe; readonly far: Pipe; readonly cut: () => void } {
  const [near, far] = [new End(), new End()];
  near.other = far;
  far.other = near;
  return {
    near,
    far,
    cut() {
      for (const end of [near, far]) {
        end.connected = false;
        end.emit('disconnect');
      }
    },
  };
}
