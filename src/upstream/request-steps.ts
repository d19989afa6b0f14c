import type { HeaderStep } from './header-step.ts';
import { addIdentity } from './steps/add-identity.ts';
import { dropHopByHop } from './steps/drop-hop-by-hop.ts';
import { dropOurCookies } from './steps/drop-our-cookies.ts';
import { dropOurCredentials } from './steps/drop-our-credentials.ts';
import { dropSpoofable } from './steps/drop-spoofable.ts';
import { editForRoute } from './steps/edit-for-route.ts';
import { frameUpgrade } from './steps/frame-upgrade.ts';
import { setForwarded } from './steps/set-forwarded.ts';

/**
 * What happens to the headers of every request and every upgrade, in this order. Hop-by-hop first and identity last is a
 * security rule: nothing a client writes can take away or add to what the proxy says.
 */
export const requestSteps: readonly HeaderStep[] = [
  dropHopByHop,
  dropOurCookies,
  dropOurCredentials,
  dropSpoofable,
  setForwarded,
  editForRoute,
  frameUpgrade,
  addIdentity,
];
