import type { Reading } from './reading.ts';

/**
 * Makes of `parse` a function that parses each text once in a reading: thousands of routes name a few hosts and upstreams between them. What
 * `parse` answers must be fit to be shared.
 */
export function rememberTexts<Parsed>(parse: (text: string) => Parsed): (reading: Reading, text: string) => Parsed {
  // With the reading it is forgotten.
  const ofReadings = new WeakMap<Reading, Map<string, Parsed>>();
  return (reading, text) => {
    const ofReading = ofReadings.get(reading);
    const known = ofReading?.get(text);
    if (known !== undefined) return known;
    const parsed = parse(text);
    if (ofReading === undefined) ofReadings.set(reading, new Map([[text, parsed]]));
    else ofReading.set(text, parsed);
    return parsed;
  };
}
