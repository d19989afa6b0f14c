import type { CertificateReading } from './certificate-reading.ts';

const mostReadings = 1000;
// The texts are the keys: a thousand of the longest would be too much to keep.
const mostCharacters = 8 * 1024 * 1024;

const byText = new Map<string, CertificateReading>();
let characters = 0;

/**
 * The reading of the same text as before, or that of `read`. Parsing costs more than all else about a request, and the judge and the
 * writers remember by object. Only certificates are kept: a refusal is cheap, and what anybody can make up must not push them out.
 */
export function recalledReading(text: string, read: () => CertificateReading): CertificateReading {
  const known = byText.get(text);
  if (known !== undefined) forget(text);
  const reading = known ?? read();
  if (reading.kind !== 'presented') return reading;
  byText.set(text, reading);
  characters += text.length;
  for (const [oldest] of byText) {
    if (byText.size <= mostReadings && characters <= mostCharacters) break;
    forget(oldest);
  }
  return reading;
}

function forget(text: string): void {
  byText.delete(text);
  characters -= text.length;
}
