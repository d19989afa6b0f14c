export interface EmailAddress {
  /** As it was, but for the domain, which is in lower case. */
  readonly text: string;
  /** ASCII, lower case. */
  readonly domain: string;
}

const longest = 320;

/**
 * Undefined for what two readers may take for two addresses: more than one `@`, spaces, or a domain outside ASCII (a Kelvin
 * sign lower-cases to `k`). The part before the `@` keeps its case: it is the mail server's, and servers differ.
 */
export function readEmailAddress(text: string): EmailAddress | undefined {
  const [local = '', domain = '', ...more] = text.split('@');
  if (more.length > 0 || local === '' || text.length > longest) return undefined;
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/u.test(local) || !/^[A-Za-z0-9._-]+$/.test(domain)) return undefined;
  const lower = domain.toLowerCase();
  return { text: `${local}@${lower}`, domain: lower };
}
