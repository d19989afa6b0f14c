import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { House } from '../walk/house.ts';
import { openHouse } from '../walk/house.ts';
import type { Recorder } from '../walk/recorder.ts';
import { openRecorder } from '../walk/recorder.ts';
import { connectRaw } from './raw-client.ts';

type Vector = readonly [what: string, bytes: string, status?: number];

const hidden = 'GET /hidden HTTP/1.1\r\nHost: public.postern.test\r\n\r\n';
const chunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** A request with these fields, and then a body that is a request to whoever reads the framing another way. */
function post(fields: string, body = `0\r\n\r\n${hidden}`): string {
  return `POST /page HTTP/1.1\r\nHost: public.postern.test\r\n${fields}\r\n\r\n${body}`;
}

function get(fields: string): string {
  return `GET /page HTTP/1.1\r\nHost: public.postern.test\r\n${fields}\r\n\r\n`;
}

const lengths: readonly Vector[] = [
  ['length and coding', post('Content-Length: 5\r\nTransfer-Encoding: chunked')],
  ['coding and length', post('Transfer-Encoding: chunked\r\nContent-Length: 5')],
  ['no length and coding', post('Content-Length: 0\r\nTransfer-Encoding: chunked')],
  ['two lengths', post('Content-Length: 5\r\nContent-Length: 0')],
  ['one length twice', post('Content-Length: 5\r\nContent-Length: 5')],
  ['one length in two spellings', post('Content-Length: 5\r\ncontent-LENGTH: 5')],
  ...['5, 5', '5,0', '+5', '-5', '0x5', '5 0', '', '5e0', '5.0', '5;', '"5"', '\v5', '99999999999999999999'].map((length): Vector => [
    `Content-Length: ${JSON.stringify(length)}`,
    post(`Content-Length: ${length}`),
  ]),
];

const codings: readonly Vector[] = [
  ...[
    'xchunked',
    'chunked, identity',
    'identity',
    'gzip, chunked',
    'chunked, chunked',
    'chunked;q=1',
    '"chunked"',
    ',chunked',
    'chunked,',
    '\vchunked',
    'chun ked',
    '',
    'cow',
  ].map((coding): Vector => [`Transfer-Encoding: ${JSON.stringify(coding)}`, post(`Transfer-Encoding: ${coding}`)]),
  ['two codings', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')],
  ['one coding twice', post('Transfer-Encoding: chunked\r\ntransfer-encoding: chunked')],
  ['a folded coding', post('Transfer-Encoding:\r\n chunked')],
  ['a folded length', post('Content-Length:\r\n\t5')],
  ['space before the colon', post('Transfer-Encoding : chunked')],
  ['tab before the colon', post('Content-Length\t: 5')],
  ['a coding with an underscore', post('Content-Length: 5\r\nTransfer_Encoding: chunked')],
  ['a length with an underscore', post('Transfer-Encoding: chunked\r\nContent_Length: 5')],
  ['HTTP/1.0 with a coding', post('Transfer-Encoding: chunked').replace('HTTP/1.1', 'HTTP/1.0')],
];

const chunks: readonly Vector[] = [
  ['a size with 0x', '0x1\r\na\r\n0\r\n\r\n'],
  ['a negative size', '-1\r\na\r\n0\r\n\r\n'],
  ['a size of 17 digits', `10000000000000001\r\na\r\n0\r\n\r\n`],
  ['a size with a space before it', ' 1\r\na\r\n0\r\n\r\n'],
  ['an empty size', '\r\na\r\n0\r\n\r\n'],
  ['a bare line feed after the size', '1\na\r\n0\r\n\r\n'],
  ['a bare line feed after an extension', '1;x\na\r\n0\r\n\r\n'],
  ['a bare carriage return in an extension', '1;x\ry\r\na\r\n0\r\n\r\n'],
  ['a bare line feed after the data', '1\r\na\n0\r\n\r\n'],
  ['more data than the size', '1\r\nabc\r\n0\r\n\r\n'],
  ['no line end after the data', '1\r\na0\r\n\r\n'],
  ['something else than the last line end', '0\r\n\rX'],
  ['a trailer with a space before the colon', '0\r\nX-A : b\r\n\r\n'],
  ['a trailer that frames', '0\r\nContent-Length: 5\r\n\r\n'],
].map(([what = '', body]): Vector => [what, post('Transfer-Encoding: chunked', `${body}${hidden}`)]);

const heads: readonly Vector[] = [
  ['a bare line feed after a field', get('X-A: b\nX-B: c')],
  ['a bare line feed after the request line', get('X-A: b').replace('\r\n', '\n')],
  ['a bare carriage return in a value', get('X-A: b\rX-B: c')],
  ['NUL in a value', get('X-A: b\0c')],
  ['DEL in a value', get('X-A: b\x7fc')],
  ['ESC in a value', get('X-A: b\x1bc')],
  ['NUL in a name', get('X-\0A: b')],
  ['a folded field', get('X-A: b\r\n c')],
  ['a first field with a space before it', 'GET /page HTTP/1.1\r\n X-A: b\r\nHost: public.postern.test\r\n\r\n'],
  ['a line without a colon', get('X-A')],
  ['a field without a name', get(': b')],
  ['a name with a space', get('X A: b')],
  ['a name with a slash', get('X/A: b')],
  ['a name outside ASCII', get('X-\xe4: b')],
  ['a tab in the request line', get('X-A: b').replace(' HTTP', '\tHTTP')],
  ['a second target', get('X-A: b').replace('/page', '/page /other')],
  ['a version of its own', get('X-A: b').replace('HTTP/1.1', 'HTTP/1.9')],
  ['another protocol', get('X-A: b').replace('HTTP/1.1', 'ICY/1.1')],
  ['no version', 'GET /page\r\n\r\n'],
  ['a method in lower case', get('X-A: b').replace('GET', 'get')],
  ['a method of its own', get('X-A: b').replace('GET', 'G\x01T')],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an expectation nobody knows', post('Expect: 200-ok\r\nContent-Length: 5'), 417],
  ['two expectations', post('Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5')],
];

/** Whatever two readers could frame in two ways is refused: not a byte of it reaches an upstream, and nothing after it is read. */
describe('request smuggling', () => {
  let house: House;
  let upstream: Recorder;

  before(async () => {
    upstream = await openRecorder();
    house = await openHouse({
      config: `routes: [{from: https://public.postern.test, to: ${upstream.url}, allow_public_unauthenticated_access: true}]`,
    });
  });

  beforeEach(() => upstream.clear());

  after(async () => {
    await house[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  for (const [kind, vectors] of Object.entries({ lengths, codings, chunks, heads })) {
    describe(kind, () => {
      for (const [what, bytes, status = 400] of vectors) {
        it(`is refused: ${what}`, async () => {
          using connection = await connectRaw(house);
          connection.write(bytes);
          assert.equal((await connection.answer())?.status, status);
          assert.equal(await connection.rest(), '', 'one answer, and the connection ends');
          assert.equal(upstream.bytes(), '');
        });
      }
    });
  }

  it('is refused when it is cut into single bytes too', async () => {
    using connection = await connectRaw(house);
    for (const byte of post('Transfer-Encoding: chunked\r\nContent-Length: 5')) connection.write(byte);
    assert.equal((await connection.answer())?.status, 400);
    assert.equal(await connection.rest(), '');
    assert.equal(upstream.bytes(), '');
  });

  it('does not reach an upstream behind the first chunk of a body', async () => {
    using connection = await connectRaw(house);
    connection.write(post('Transfer-Encoding: chunked', chunk('first').slice(0, -5)));
    await arrived('first');
    connection.write(`zz\r\n${hidden}`);
    assert.equal((await connection.answer())?.status, 200, 'the recorder answers the head');
    assert.equal(await connection.rest(), '');
    assert.match(upstream.bytes(), /^POST \/page HTTP\/1\.1\r\n[^]*\r\n\r\n5\r\nfirst(?:\r\n)?$/, 'and never the end of the body');
  });

  async function arrived(text: string): Promise<void> {
    while (!upstream.bytes().includes(text)) await new Promise((resolve) => setImmediate(resolve));
  }
});
