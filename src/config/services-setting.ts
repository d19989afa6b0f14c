import { nearestWord } from './nearest-word.ts';
import { quoteValue } from './quote-value.ts';
import type { Reading } from './reading.ts';

const services = ['authenticate', 'authorize', 'databroker', 'proxy'];
// Of Pomerium before 0.12.
const olderNames = new Map([['cache', 'databroker']]);

/** Checks `services`: Postern runs all of Pomerium's services in one process, so it takes `all` or the four of them. */
export function checkServices(reading: Reading, written: string): void {
  const words = written.split(',').map((word) => word.trim().toLowerCase());
  const named = new Set(words.map((word) => olderNames.get(word) ?? word));
  const quoted = `services ${quoteValue(written)}`;
  const unknown = [...named].find((word) => word !== 'all' && !services.includes(word));
  if (unknown !== undefined) {
    const meant = nearestWord(unknown, services);
    const hint = meant === undefined ? 'write all' : `did you mean ${quoteValue(meant)}? Postern runs all of them, write all`;
    reading.error(['services'], `${quoted} names no service of Pomerium${unknown === '' ? '' : `: ${quoteValue(unknown)}`}, ${hint}`);
  } else if (!named.has('all') && !services.every((service) => named.has(service))) {
    reading.error(['services'], `${quoted} is not supported yet: all services run in one process, write all`, {
      code: 'not-supported-yet',
    });
  }
}
