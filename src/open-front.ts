import type { Admin, AdminOptions } from './open-admin.ts';
import { openAdmin } from './open-admin.ts';
import { claimAddresses } from './workers/claim-addresses.ts';
import type { DoorAddresses } from './workers/worker-faces.ts';

/** What there is one of, however many workers serve. */
export interface Front {
  readonly doors: DoorAddresses;
  readonly admin: Admin;
}

/** Makes sure of the addresses that the workers are to share, then opens what answers about all of them. */
export async function openFront(options: AdminOptions): Promise<Front> {
  const { address, httpRedirectAddress: redirect } = options.settings;
  const claimed = await claimAddresses([...address, ...(redirect === undefined ? [] : [redirect])]);
  const doors = { addresses: claimed.slice(0, address.length), redirectAddress: claimed[address.length] };
  return { doors, admin: await openAdmin(options) };
}
