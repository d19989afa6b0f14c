import { certificateStatus } from './certificate-status.ts';
import type { Program } from './program.ts';
import type { RevocationService } from './revocation/revocation-service.ts';

export interface RunningState {
  readonly draining: boolean;
  readonly overload: { readonly isOverloaded: boolean };
  readonly revocation: Pick<RevocationService, 'describe'>;
}

/** What `/status` shows. */
export function programStatus({ current, now }: Pick<Program, 'current' | 'now'>, state: RunningState): Readonly<Record<string, unknown>> {
  return {
    routes: current.snapshot.routeList.length,
    draining: state.draining,
    // Not of `/readyz`: where every replica is busy, taking one of them out makes it worse for the others.
    overloaded: state.overload.isOverloaded,
    groups: current.snapshot.groups.describe(),
    certificates: certificateStatus(current.snapshot, state.revocation.describe(), now()),
  };
}
