import type { ReadDialect } from './certificate-reading.ts';
import { allOf, presentedIn, readBase64Certificate, refuse } from './certificate-reading.ts';
import { percentDecoded } from './header-value.ts';

const name = 'x-forwarded-tls-client-cert';

/** Base64 without armour, the leaf first; the first releases of version 2 percent-encoded it. Base64 has no `%`, so it tells which. */
export const readTraefik: ReadDialect = {
  names: [name],
  read(values) {
    const [value, ...more] = values(name);
    if (more.length > 0) return refuse(`"${name}" came ${more.length + 1} times, expected once`);
    if (value === undefined) return { kind: 'none' };
    const items = value.split(',').map((item) => (value.includes('%') ? percentDecoded(item) : item));
    return presentedIn(name, allOf((allOf(items) ?? ['']).flatMap((item) => item.split(',')).map(readBase64Certificate)));
  },
};
