import type { CapacitySettings } from '../config/settings.ts';

/** What one of several workers takes of what all of them may take on; rounded up, and no limit stays none. */
export function shareCapacity({ connections, connectionsPerPeer, requests }: CapacitySettings, workers: number): CapacitySettings {
  return {
    connections: Math.ceil(connections / workers),
    connectionsPerPeer: Math.ceil(connectionsPerPeer / workers),
    requests: Math.ceil(requests / workers),
  };
}
