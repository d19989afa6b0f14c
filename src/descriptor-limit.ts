import { readFileSync } from 'node:fs';

/** How many descriptors this process may have open; undefined where the system does not say (only Linux does) or knows no limit. */
export function descriptorLimit(): number | undefined {
  try {
    return parseDescriptorLimit(readFileSync('/proc/self/limits', 'latin1'));
  } catch {
    // No such file: connections are then limited by their number alone.
    return undefined;
  }
}

/** Takes the text of `/proc/self/limits`; the soft limit is the one that counts. */
export function parseDescriptorLimit(text: string): number | undefined {
  const soft = /^Max open files +(\d+)/m.exec(text)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
