import type { Reply } from './http/reply.ts';
import type { UpgradeExchange } from './http/upgrade-exchange.ts';
import type { Program } from './program.ts';
import { withRequestId } from './replies.ts';
import type { ForwardObserver } from './upstream/forward-observer.ts';
import { forwardUpgrade } from './upstream/forward-upgrade.ts';
import type { Ongoing } from './upstream/ongoing.ts';
import type { Vouched } from './upstream/vouched.ts';
import type { Forward, WaysOut } from './walk.ts';
import { walk } from './walk.ts';

/** A request to switch protocols takes the same walk as every other, before a byte of it reaches an upstream. */
export function handleUpgrade(upgrade: UpgradeExchange, program: Program): void {
  const begun = walk(upgrade.inbound, program, new SwitchWays(upgrade));
  upgrade.socket.once('close', () => begun.finish());
}

class SwitchWays implements WaysOut {
  readonly #upgrade: UpgradeExchange;
  status = 0;
  /** What goes through a tunnel is no body of an answer. */
  readonly bytesSent = 0;

  constructor(upgrade: UpgradeExchange) {
    this.#upgrade = upgrade;
  }

  reply(reply: Reply): void {
    this.status = reply.status;
    this.#upgrade.refuse(withRequestId(reply, this.#upgrade.inbound.id));
  }

  forward({ permit, upstream }: Forward, vouched: Vouched, observer: ForwardObserver): Ongoing | undefined {
    return forwardUpgrade(permit, upstream, this.#upgrade, vouched, {
      now: () => observer.now(),
      failed: (failure) => observer.failed(failure),
      cookieDropped: (name) => observer.cookieDropped(name),
      done: (answered) => {
        this.status = answered.status;
        observer.done(answered);
      },
    });
  }

  abort(): void {
    this.#upgrade.socket.destroy();
  }
}
