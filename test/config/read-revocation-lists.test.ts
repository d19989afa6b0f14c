import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/config/read-settings.ts';
import { linesOf, settingsOf, toldOf } from './given-settings.ts';

/** A SEQUENCE with so many bytes in it. */
function der(size: number): Buffer {
  const content = Buffer.alloc(size, 0xa5);
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([0x30, ...length]), content]);
}

const pem = '-----BEGIN X509 CRL-----\nMAGl\n-----END X509 CRL-----\n';

describe('readRevocationLists()', () => {
  it('makes PEM of DER, from a file and from base64', () => {
    for (const size of [1, 127, 128, 255, 256, 5000]) {
      const bytes = der(size);
      const fromFile = listOf('crl_file: list.crl', bytes);
      const inline = listOf(`crl: ${bytes.toString('base64')}`, Buffer.alloc(0));
      assert.deepEqual([fromFile.text, fromFile.label], [inline.text, 'list.crl']);
      const [first, last, ...lines] = [
        fromFile.text.split('\n').at(0),
        fromFile.text.split('\n').at(-2),
        ...fromFile.text.split('\n').slice(1, -2),
      ];
      assert.deepEqual([first, last], ['-----BEGIN X509 CRL-----', '-----END X509 CRL-----']);
      assert.deepEqual(Buffer.from(lines.join(''), 'base64'), bytes);
      assert.ok(lines.every((line) => line.length > 0 && line.length <= 64));
    }
  });

  it('takes PEM as it is, and PEM in base64', () => {
    const texts = [
      listOf('crl_file: list.crl', Buffer.from(pem)),
      listOf(`crl: ${JSON.stringify(pem)}`, Buffer.alloc(0)),
      listOf(`crl: ${Buffer.from(pem).toString('base64')}`, Buffer.alloc(0)),
    ];
    assert.deepEqual(
      texts.map(({ text }) => text),
      [pem, pem, pem],
    );
  });

  it('refuses what is neither, a list that is cut short or that something follows included', () => {
    const cut = [
      der(300).subarray(0, -1),
      Buffer.concat([der(300), Buffer.from([0])]),
      Buffer.from([0x30, 0x80, 0xff]),
      Buffer.from([0x30, 0x82, 0xff]),
    ];
    const refusal =
      'error unreadable-file: Cannot use the file of downstream_mtls.crl_file: it is neither PEM text nor one revocation list in DER';
    for (const bytes of cut) assert.deepEqual(problemsOf(bytes), [refusal]);
    const inline = 'error invalid-value: downstream_mtls.crl must be PEM text, or PEM text or DER in base64';
    for (const text of ['not a list', der(300).subarray(0, -1).toString('base64')])
      assert.deepEqual(toldOf(`downstream_mtls: {crl: ${text}}`), [inline]);
  });

  it('takes files beyond what others may have', () => {
    const longest: (number | undefined)[] = [];
    const readFile = (file: string, limit?: number): Buffer => {
      if (file.endsWith('.yaml')) return Buffer.from(`${linesOf().text ?? ''}\ndownstream_mtls: {ca_file: ca.pem, crl_file: list.crl}`);
      longest.push(limit);
      throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    };
    const result = readSettings({ file: 'etc/config.yaml', environment: undefined, readFile });
    const messages = result.ok ? [] : result.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    assert.deepEqual(
      [longest, messages],
      [
        [undefined, 256 * 2 ** 20],
        [
          'Cannot read downstream_mtls.ca_file "ca.pem": it is larger than 64 MiB',
          'Cannot read downstream_mtls.crl_file "list.crl": it is larger than 256 MiB',
        ],
      ],
    );
    assert.ok(!result.ok && result.files.includes(resolve('etc/list.crl')));
  });
});

function listOf(line: string, list: Buffer): { readonly text: string; readonly label: string } {
  const { crl } = settingsOf({ ...linesOf(`downstream_mtls: {${line}}`), readFile: withList(line, list) }).settings.downstreamMtls;
  assert.ok(crl !== undefined);
  return crl;
}

function problemsOf(list: Buffer): readonly string[] {
  const line = 'crl_file: list.crl';
  const result = readSettings({ file: 'etc/config.yaml', environment: undefined, readFile: withList(line, list) });
  return result.ok
    ? []
    : result.problems.filter(({ severity }) => severity === 'error').map(({ code, message }) => `error ${code}: ${message}`);
}

function withList(line: string, list: Buffer): (file: string) => Buffer {
  const text = linesOf(`downstream_mtls: {${line}}`).text ?? '';
  return (file) => (file.endsWith('.yaml') ? Buffer.from(text) : list);
}
