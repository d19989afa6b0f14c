import { spoofableNames } from '../dangers/spoofed-names.ts';
import { wordsOf } from './mutate-bytes.ts';
import type { Random } from './random.ts';

const targets = [
  '/', '/open/a?b=c', '/admin', '/open/../admin', '/open/%2e%2e/admin', '/open/..%2fadmin', '//admin', '/open//a', '/./open', '/%61dmin', '/ADMIN', '/admin;x', '/open\\..\\admin',
  '/base/x', '/base/../admin', '/base/%2e%2e/x', '/basement', '/base', '/base/', '/a%00', '/a#/admin', '*', 'http://app.test/', 'admin', '/\xe9', '/?x=/../admin', '/robots.txt', '/.pomerium/',
]; // prettier-ignore
const hosts = [
  'app.test',
  'APP.test',
  'app.test.',
  'app.test:443',
  'x.wild.test',
  'other.test',
  '',
  'app.test, other.test',
  'u@app.test',
  '127.0.0.1',
  '0x7f.1',
  '[::1]',
];
const framings = [
  '', '', '', 'Content-Length: 5\r\n', 'Content-Length: 5\r\nContent-Length: 5\r\n', 'Content-Length: +5\r\n', 'Content-Length: 5, 5\r\n', 'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Transfer-Encoding:\tchunked\r\n', 'Transfer-Encoding: identity\r\n', 'TE: trailers\r\n',
  'Content_Length: 5\r\n', 'Content-Length : 5\r\n', 'Content-Length: 0\r\n',
]; // prettier-ignore
const bodies = [
  '',
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  '5\nhello\n0\n\n',
  '0\r\n\r\n',
  'GET /admin HTTP/1.1\r\nHost: app.test\r\n\r\n',
  '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n',
];
const others = [
  'Connection: close\r\n', 'Connection: keep-alive\r\n', 'Connection: close, x-request-id, x-forwarded-proto\r\n', 'X-A: b\r\n', 'X-A: b\r\n folded\r\n', 'X-A: a\0b\r\n', 'X-A: a\rb\r\n', 'x_a: b\r\n',
  'Cookie: a=b; _pomerium=x\r\n', 'Cookie: _pomerium=x\r\nCookie: c=d\r\n', 'Authorization: Basic a\r\nAuthorization: Basic b\r\n', 'Origin: https://a.test\r\norigin: https://b.test\r\n', 'Authorization: Pomerium x\r\n', 'Expect: 100-continue\r\n', 'Expect: x\r\n', 'Upgrade: h2c\r\n', 'Upgrade: websocket\r\nConnection: upgrade\r\n', 'HTTP2-Settings: AA\r\n',
  'Accept: text/html\r\n', ' : x\r\n', ': x\r\n', 'X A: b\r\n', 'Host: app.test\r\n', '__proto__: x\r\n', 'Origin: https://b.test\r\nAccess-Control-Request-Method: PUT\r\n',
]; // prettier-ignore

export const requestWords: readonly Buffer[] = wordsOf(
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\0',
  ':',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  '\r\n\r\n',
  '%2e',
  '%2f',
  '../',
  ...framings,
  ...bodies,
  ...others,
  'GET / HTTP/1.1\r\nHost: app.test\r\n\r\n',
);

/** One to three requests, one behind the other, mostly sound. */
export function madeRequests(random: Random): Buffer {
  return Buffer.from(random.times(random.pick([1, 1, 1, 2, 3]), () => madeRequest(random)).join(''), 'latin1');
}

/** Framings with the body that they announce. */
const framed = [
  '\r\n',
  '\r\n',
  'Content-Length: 0\r\n\r\n',
  'Content-Length: 5\r\n\r\nhello',
  'Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
];

function madeRequest(random: Random): string {
  const spoofed = random.times(
    random.below(3),
    () => `${random.oneIn(2) ? random.pick(spoofableNames) : spelt(random, random.pick(spoofableNames))}: evil\r\n`,
  );
  const host = random.oneIn(4) ? random.pick(hosts) : 'app.test';
  if (random.oneIn(2)) {
    const line = `${random.pick(['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'get'])} ${random.pick(targets)} HTTP/1.1\r\n`;
    const some = random.times(random.below(3), () => random.pick(others));
    return `${line}Host: ${host}\r\n${[...some, ...spoofed].join('')}${random.pick(framed)}`;
  }
  const usual = <T>(list: readonly T[]): T => (random.oneIn(3) ? random.pick(list) : (list[0] as T));
  const method = random.pick(['GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'TRACE', 'CONNECT', 'get', 'PURGE']);
  const fields = [`Host: ${host}\r\n`, usual(framings), ...random.times(random.below(3), () => random.pick(others)), ...spoofed];
  return `${method} ${random.pick(targets)} ${usual(['HTTP/1.1', 'HTTP/1.0', 'HTTP/1.1 ', 'HTTP/0.9', 'HTTP/2.0'])}\r\n${fields.join('')}\r\n${usual(bodies)}`;
}

function spelt(random: Random, name: string): string {
  return random.pick([name, name.toUpperCase(), name.replace('-', '_'), `${name} `, name.replaceAll('-', '.')]);
}
