import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readProgrammaticRedirect } from '../../src/identity/programmatic-redirect.ts';

const hosts = ['localhost', 'tool.corp.example', '[::2]'];
const read = (text: string, from: readonly string[] = hosts): string | undefined => readProgrammaticRedirect(text, from)?.href;

/** A login URL that ended elsewhere would deliver the session of whoever opens it (CVE-2021-29651). */
describe('readProgrammaticRedirect()', () => {
  it('leads to the machine of whoever signs in, and to the hosts of the list', () => {
    const good = [
      'http://localhost:1234/',
      'http://LOCALHOST/',
      'http://cli.localhost:80/a?b=c&d',
      'http://127.0.0.1:65535/cb',
      'https://127.255.0.9/',
      'http://[::1]:9/',
      'https://tool.corp.example/cb',
      'https://TOOL.corp.example:8443/cb?x=%20',
      'http://tool.corp.example',
      'http://[::2]/',
      'http://0x7f.1/',
    ];
    assert.deepEqual(
      good.map((text) => read(text)),
      good.map((text) => new URL(text).href),
    );
  });

  it('leads nowhere else', () => {
    const wrong = [
      '',
      'https://evil.example/',
      'https://tool.corp.example.evil.example/',
      'https://eviltool.corp.example/',
      'https://corp.example/',
      'https://tool.corp.example./',
      'http://localhost.evil.example/',
      'http://notlocalhost/',
      'http://localhost./',
      'http://127.0.0.1.evil.example/',
      'http://128.0.0.1/',
      'http://0.0.0.0/',
      'http://[::]/',
      'http://[::ffff:127.0.0.1]/',
      'http://10.0.0.1/',
    ];
    assert.deepEqual(
      wrong.map((text) => read(text)),
      wrong.map(() => undefined),
    );
  });

  it('takes no text that two readers read differently', () => {
    const wrong = [
      '//localhost/',
      '/\\localhost/',
      'http:localhost/',
      'http:/localhost/',
      'http:\\\\localhost/',
      'http://localhost\\@evil.example/',
      'http://evil.example\\@localhost/',
      'http://evil.example@localhost/',
      'http://@localhost/',
      'http://user:password@localhost/',
      'http://localhost/#fragment',
      'http://localhost#@evil.example/',
      'http://localhost/\r\nSet-Cookie: a=b',
      'http://local\thost/',
      ' http://localhost/',
      'http://localhost/\u0000',
      'http://localhost/ä',
      'http://lоcalhost/',
      'HTTP://localhost/',
      'javascript:alert(1)',
      'javascript://localhost/%0aalert(1)',
      'data:text/html,x',
      'file://localhost/etc/passwd',
      'ftp://localhost/',
      'ws://localhost/',
      'myapp://localhost/',
      'http://localhost:99999/',
      'http:///localhost/',
      'http://?localhost/',
    ];
    assert.deepEqual(
      wrong.map((text) => read(text)),
      wrong.map(() => undefined),
    );
  });

  it('has no token in it yet, and is no longer than a request line can carry twice', () => {
    assert.equal(read('http://localhost/?pomerium_jwt=x'), undefined);
    assert.equal(read('http://localhost/?pomerium%5Fjwt=x'), undefined);
    assert.equal(read(`http://localhost/?${'x'.repeat(1_500)}`), undefined);
  });

  it('leads nowhere where the list is empty, or holds other hosts', () => {
    assert.deepEqual([read('http://localhost/', []), read('http://localhost/', ['tool.corp.example'])], [undefined, undefined]);
  });
});
