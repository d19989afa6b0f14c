const types: ReadonlyMap<string, string> = new Map([
  ['CN', '2.5.4.3'],
  ['SN', '2.5.4.4'],
  ['SERIALNUMBER', '2.5.4.5'],
  ['C', '2.5.4.6'],
  ['L', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['STREET', '2.5.4.9'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['TITLE', '2.5.4.12'],
  ['GIVENNAME', '2.5.4.42'],
  ['ORGANIZATIONIDENTIFIER', '2.5.4.97'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['DC', '0.9.2342.19200300.100.1.25'],
  // Under this name the value becomes an IA5String, as an e-mail address has to be.
  ['E', 'E'],
  ['EMAILADDRESS', 'E'],
]);
const oid = /^[0-2](?:\.(?:0|[1-9]\d{0,15}))+$/;

/**
 * A subject as types and values in certificate order: a common name as it stands, or a name as RFC 4514 writes it (most
 * specific part first, `\,` for a comma; hex and parts of several attributes are not understood). Undefined for anything else.
 */
export function parseSubject(text: string): readonly (readonly [type: string, value: string])[] | undefined {
  if (text === '') return undefined;
  if (!text.includes('=')) return [['2.5.4.3', text]];
  const parts = (text.match(/(?:\\.|[^\\,])+/gs) ?? []).map(parsePart);
  const isWhole = parts.length > 0 && !/^,|,,|(?<!\\),$/.test(text);
  return isWhole && parts.every((part) => part !== undefined) ? parts.toReversed() : undefined;
}

function parsePart(part: string): readonly [type: string, value: string] | undefined {
  const equals = part.indexOf('=');
  const name = part.slice(0, Math.max(equals, 0)).trim();
  const type = types.get(name.toUpperCase()) ?? (oid.test(name) ? name : undefined);
  const value = part.slice(equals + 1).trim();
  if (type === undefined || value === '' || /^#|(?<!\\)\+/.test(value)) return undefined;
  return [type, value.replace(/\\(.)/gs, '$1')];
}
