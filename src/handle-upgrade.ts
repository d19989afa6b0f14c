import type { UpgradeExchange } from './http/upgrade-exchange.ts';
import type { Program } from './program.ts';
import { withRequestId } from './replies.ts';
import { forwardUpgrade } from './upstream/forward-upgrade.ts';
import { walk } from './walk.ts';

/** A request to switch protocols takes the same walk as every other, before a byte of it reaches an upstream. */
export function handleUpgrade(upgrade: UpgradeExchange, program: Program): void {
  let status = 0;
  const finish = walk(upgrade.inbound, program, {
    reply(reply) {
      status = reply.status;
      upgrade.refuse(withRequestId(reply, upgrade.inbound.id));
    },
    forward(admitted, vouched, observer) {
      return forwardUpgrade(admitted.permit, admitted.upstream, upgrade, vouched, {
        ...observer,
        done(answered) {
          status = answered.status;
          observer.done(answered);
        },
      });
    },
    abort: () => void upgrade.socket.destroy(),
  });
  upgrade.socket.once('close', () => finish(() => ({ status, bytesSent: 0 })));
}
