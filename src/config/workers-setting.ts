import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';
import type { Settings } from './settings.ts';

// Beyond what one machine has cores for; a larger number is a slip.
const most = 256;

/** How many processes serve: a number, or the word that means one for each core. */
export function readWorkers(reading: Reading, written: number | string): Settings['workers'] {
  const text = String(written).trim().toLowerCase();
  if (text === 'auto') return 'auto';
  // In the environment everything is text.
  const count = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  reading.error(['workers'], `workers ${quoteValue(written)} must be a whole number from 1 to ${most}, or auto: one for each core`);
  return 1;
}
