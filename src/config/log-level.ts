import { logLevels } from './choices.ts';
import { quoteValue } from './quote-value.ts';
import { readChoice } from './read-value.ts';
import type { Reading } from './reading.ts';
import type { LogLevel } from './settings.ts';

const path = ['log_level'];
// Pomerium's words above `error`. Nothing here is worse than an error, and less than errors is not for a guard to say.
const above = ['critical', 'fatal', 'panic'];
const silent = ['disabled', 'none', 'off'];

/** The least important lines that are logged; Pomerium's further words are taken where they mean something here. */
export function readLogLevel(reading: Reading, text: string): LogLevel {
  const lower = text.toLowerCase();
  if (lower === 'warning') return 'warn';
  if (silent.includes(lower)) {
    const message = `log_level ${quoteValue(text)} is not supported yet: write error to log the least`;
    reading.error(path, message, { code: 'not-supported-yet' });
    return 'error';
  }
  if (!above.includes(lower)) return readChoice(reading, path, { text, words: logLevels }) ?? 'info';
  reading.warning(path, `log_level ${quoteValue(text)} means error here: nothing is logged above it`, 'no-effect');
  return 'error';
}
