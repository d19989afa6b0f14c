import { bodyScenarios } from './bodies.ts';
import { coldSession } from './cold-session.ts';
import { halfLoad } from './half-load.ts';
import { handshakeScenarios } from './handshakes.ts';
import { manyRoutes } from './many-routes.ts';
import { redirect } from './redirect.ts';
import { requestScenarios } from './requests.ts';
import type { Scenario } from './scenario.ts';
import { sessionMemory } from './session-memory.ts';
import { starts } from './starts.ts';
import { twoWorkers } from './two-workers.ts';
import { webSocket } from './web-socket.ts';

/** Everything that `npm run bench` measures, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  ...requestScenarios,
  halfLoad,
  ...handshakeScenarios,
  ...bodyScenarios,
  webSocket,
  redirect,
  coldSession,
  sessionMemory,
  manyRoutes,
  starts,
  twoWorkers,
];
