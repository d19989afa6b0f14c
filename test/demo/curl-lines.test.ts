import { deepEqual, doesNotMatch, equal, fail, match } from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Demo } from '../../demo/start-demo.ts';
import { startDemo } from '../../demo/start-demo.ts';
import { findTool } from '../../scripts/optional-tools.ts';
import { freePorts } from '../free-ports.ts';

const run = promisify(execFile);
const absent = ['curl', 'openssl', 'bash'].filter((command) => findTool(command) === undefined);

if (absent.length === 0) describe('the demo, asked by curl and openssl', ask);
else {
  it('is asked by curl and openssl where they are', (context) => {
    if (process.env['CI'] === 'true') fail(`not installed: ${absent.join(', ')}`);
    context.diagnostic(`NOT ASKED: not installed: ${absent.join(', ')}`);
  });
}

function ask(): void {
  let directory = '';
  let demo: Demo;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'postern-demo-'));
    demo = await startDemo({ directory, port: await freePorts(4), now: () => Date.now() });
  });

  after(async () => {
    await demo.stop();
    rmSync(directory, { recursive: true });
  });

  const authority = (host: string): string => `${host}.postern.localhost:${demo.port}`;

  /** A line as somebody would paste it, in the directory of the state. */
  async function paste(line: string): Promise<string> {
    return (await run('bash', ['-c', line], { cwd: directory })).stdout;
  }

  const alice = '--cert people/alice.pem --key people/alice.key';
  const status = `-s -o /dev/null --cacert ca.pem -w '%{http_code} %{http_version} %{num_connects}\\n'`;

  it('answers 495 without a certificate and 200 with the one of Alice', async () => {
    const line = `curl -s --cacert ca.pem -w '%{http_code}' https://${authority('certificate')}/`;
    match(await paste(line), /A client certificate is needed[^]*495$/);
    match(await paste(`${line} ${alice}`), /certificate: what the application received[^]*200$/);
  });

  it('answers 495 to a certificate for Alice from an authority that only has the right name', async () => {
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
    await paste(`
      mkdir forged && cd forged &&
      openssl req -x509 ${key} -keyout ca.key -out ca.pem -days 2 -subj "/CN=Postern demo CA" &&
      openssl req ${key} -keyout alice.key -out alice.csr -subj "/CN=Alice" &&
      printf 'extendedKeyUsage=clientAuth\\nsubjectAltName=email:alice@example.com\\n' > extensions &&
      openssl x509 -req -in alice.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out alice.pem
    `);
    const subject = 'openssl x509 -noout -subject -in';
    equal(await paste(`${subject} forged/ca.pem`), await paste(`${subject} ca.pem`));
    const forged = '--cert forged/alice.pem --key forged/alice.key';
    const [code] = (await paste(`curl ${status} ${forged} https://${authority('certificate')}/`)).split(' ');
    equal(code, '495');
  });

  it('brings no identity header of a client to the application, with or without a certificate', async () => {
    const names = ['X-Pomerium-Claim-Email', 'x-pomerium-claim-groups', 'X-Pomerium-Jwt-Assertion', 'X-Pomerium-Jwt-Assertion-For'];
    const headers = names.map((name) => `-H '${name}: mallory@example.com'`).join(' ');
    const open = await paste(`curl -s --cacert ca.pem ${headers} https://${authority('public')}/`);
    const withCertificate = await paste(`curl -s --cacert ca.pem ${alice} ${headers} https://${authority('certificate')}/`);
    match(open, /"X-Forwarded-Proto": "https"/);
    match(withCertificate, /Nobody is signed in/);
    doesNotMatch(open + withCertificate, /mallory/);
  });

  for (const version of ['1.1', '2']) {
    it(`answers 421 where a certificate is wanted, on a connection opened for another host over HTTP/${version}`, async () => {
      const first = `curl --http${version} ${status} ${alice} https://${authority('public')}/`;
      const second = `--http${version} ${status} ${alice} -H 'Host: ${authority('certificate')}' https://${authority('public')}/`;
      deepEqual((await paste(`${first} --next ${second}`)).split('\n'), [`200 ${version} 1`, `421 ${version} 0`, '']);
    });
  }

  it('answers 421 to openssl likewise, and closes', async () => {
    const request = `GET / HTTP/1.1\r\nHost: ${authority('certificate')}\r\n\r\n`;
    const client = spawn(
      'openssl',
      [
        's_client',
        '-quiet',
        '-verify_return_error',
        '-CAfile',
        join(directory, 'ca.pem'),
        '-servername',
        'public.postern.localhost',
        '-connect',
        `127.0.0.1:${demo.port}`,
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    client.stdin.write(request);
    match(await text(client.stdout), /^HTTP\/1\.1 421 Misdirected Request\r\n(?:.+\r\n)*Connection: close\r\n/);
  });

  it('names its authority to clients on the hosts that want a certificate, and asks for none on the others', async () => {
    const asking: string[] = [];
    for (const host of ['public', 'signed-in', 'admins', 'certificate', 'both', 'socket', 'auth']) {
      const line = `openssl s_client -CAfile ca.pem -servername ${host}.postern.localhost -connect 127.0.0.1:${demo.port} < /dev/null 2> /dev/null`;
      const said = await paste(line);
      if (/Acceptable client certificate CA names\nCN = Postern demo CA\n/.test(said)) asking.push(host);
      else match(said, /No client certificate CA names sent/);
    }
    deepEqual(asking, ['certificate', 'both']);
  });
}
