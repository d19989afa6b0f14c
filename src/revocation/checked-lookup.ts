import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isLinkLocal, isPublic } from './address-range.ts';

/** All addresses of a name; rejects where there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** A name led to an address that must not be asked. */
export class RefusedAddress extends Error {}

/** By the system's resolver, its hosts file included. */
export function resolveBySystem(hostname: string): Promise<readonly LookupAddress[]> {
  return lookup(hostname, { all: true });
}

/**
 * Looks names up for a connection and refuses those that lead where they must not: to public addresses alone, or anywhere but to link-local
 * ones. The address that was checked is the one that is connected to, so that a second answer of the DNS changes nothing (rebinding).
 */
export function checkedLookup(resolve: Resolve, onlyPublic: boolean): LookupFunction {
  const isAllowed = onlyPublic ? isPublic : (address: string): boolean => !isLinkLocal(address);
  return (hostname, { all }, callback) => {
    const answer = async (): Promise<void> => {
      const found = await findAddresses(resolve, hostname, isAllowed);
      // Out of the promise: what the caller throws is not a failed lookup.
      const [first] = found instanceof Error ? [] : found;
      if (found instanceof Error) process.nextTick(callback, found, []);
      else if (all === true) process.nextTick(callback, null, found);
      else process.nextTick(callback, null, first?.address ?? '', first?.family ?? 0);
    };
    void answer();
  };
}

async function findAddresses(
  resolve: Resolve,
  hostname: string,
  isAllowed: (address: string) => boolean,
): Promise<Error | readonly LookupAddress[]> {
  try {
    const addresses = await resolve(hostname);
    if (addresses.length === 0) return new Error(`"${hostname}" has no address`);
    // One that must not be is enough: with the others it would be a matter of luck where the connection goes.
    const refused = addresses.find(({ address }) => !isAllowed(address));
    return refused === undefined ? addresses : new RefusedAddress(`"${hostname}" leads to ${refused.address}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(`"${hostname}" cannot be resolved`, { cause: error });
  }
}
