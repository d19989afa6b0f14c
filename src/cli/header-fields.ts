import type { HeaderList } from '../http/header-list.ts';

/** Headers as people read them: lower-case names, values of one name joined. */
export function headerFields(headers: HeaderList): Record<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const value = asText(headers[index + 1] ?? '');
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  // A map until here: every object has a `constructor` already.
  return Object.fromEntries(fields);
}

const signatureParameters = /([?&](?:pomerium_signature|pomerium_issued|pomerium_expiry|pomerium_browser)=)[^&]*/g;

/** The redirect to sign in carries a signature and a cookie: both would be worth something to whoever reads over a shoulder. */
export function publicFields(headers: HeaderList): Readonly<Record<string, string>> {
  const { 'set-cookie': _, location = '', ...rest } = headerFields(headers);
  return { ...rest, location: location.replace(signatureParameters, '$1…') };
}

/** The bytes of the wire as people read them: as UTF-8, which claim headers are in, or one character for each where they are something else. */
export function asText(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? bytes : text;
}
