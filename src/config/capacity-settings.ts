import type { RawListenerSettings } from './raw-settings.ts';
import type { Reading } from './reading.ts';
import type { CapacitySettings } from './settings.ts';

// More than one process could ever have; a larger number is a slip.
const most = 10_000_000;

/** How much is taken on at once; 0: no limit. */
export function readCapacity(reading: Reading, raw: RawListenerSettings): CapacitySettings {
  const read = (key: 'max_connections' | 'max_connections_per_peer' | 'max_requests'): number => readCount(reading, key, raw[key]);
  return {
    connections: read('max_connections'),
    connectionsPerPeer: read('max_connections_per_peer'),
    requests: read('max_requests'),
  };
}

function readCount(reading: Reading, key: string, count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= most) return count;
  reading.error([key], `${key} ${count} must be a whole number from 0 to ${most}: how many there may be at once, 0 for no limit`);
  return 0;
}
