const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Decodes standard base64 strictly: `Buffer.from` skips whatever it does not know, so a damaged secret would become a
 * shorter one in silence. Undefined for white space, foreign characters, wrong padding and the empty text.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text === '' || text.length % 4 !== 0 || !alphabet.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
