const tokenByte = 1;
const valueByte = 2;
const carriageReturn = 13;
const space = 32;
const tab = 9;
const colon = 58;

/** Of each byte whether it may stand in a name and in a value (RFC 9110 sections 5.1 and 5.5). */
const classes: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isToken = /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte));
  const isValue = byte === tab || (byte >= space && byte !== 127);
  return (isToken ? tokenByte : 0) | (isValue ? valueByte : 0);
});

/** Where a TAB ends the line of one of these, some read the value with it (`llhttp` does), and so another framing. */
const framing = /^(?:content-length|transfer-encoding)$/i;

/**
 * Reads `name: value` between two places of a text of latin1 and adds both to `fields`; false where it is no field of RFC 9112 section 5,
 * a folded line and space around the name among them.
 */
export function readFieldLine(text: string, from: number, to: number, fields: string[]): boolean {
  let nameEnd = from;
  while (nameEnd < to && isOf(tokenByte, text.charCodeAt(nameEnd))) nameEnd += 1;
  if (nameEnd === from || nameEnd === to || text.charCodeAt(nameEnd) !== colon) return false;
  let start = nameEnd + 1;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  if (!isFieldText(text, start, end)) return false;
  if (end < to && text.charCodeAt(to - 1) === tab && framing.test(text.slice(from, nameEnd))) return false;
  fields.push(text.slice(from, nameEnd), text.slice(start, end));
  return true;
}

/** Whether there is no control character but TAB between two places of a text of latin1. */
export function isFieldText(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isOf(valueByte, text.charCodeAt(at))) return false;
  return true;
}

/** Whether a line that ends before the line feed at `lineFeed` ends with CR LF. A bare line feed is where readers differ (RFC 9112 section 2.2). */
export function endsInCrLf(text: string, from: number, lineFeed: number): boolean {
  return lineFeed > from && text.charCodeAt(lineFeed - 1) === carriageReturn;
}

function isOf(kind: number, byte: number): boolean {
  return ((classes[byte] ?? 0) & kind) !== 0;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab;
}
