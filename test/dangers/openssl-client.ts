import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Issued } from '../../src/certificate/issue-certificate.ts';

/** What `openssl s_client` came to. Node's own client refuses to reuse a session under another name, so it can't play this attacker. */
export interface OpensslRun {
  /** Of every HTTP answer, and of the last one; undefined when there was none. */
  readonly statuses: readonly number[];
  readonly status: number | undefined;
  /** Whether the server asked for a certificate. */
  readonly asked: boolean;
  /** Whether the server took the session that was offered. */
  readonly resumed: boolean;
  readonly output: string;
}

export interface OpensslOptions {
  readonly port: number;
  /** `undefined`: none is sent. */
  readonly sni: string | undefined;
  readonly client?: Pick<Issued, 'certificatePem' | 'keyPem'> | undefined;
  /** What is written once the handshake is done; a line `R` asks for a renegotiation. */
  readonly input: string;
  readonly more?: readonly string[];
}

/** Files for one test: sessions, certificates and keys. */
export interface OpensslClient extends AsyncDisposable {
  run(options: OpensslOptions): Promise<OpensslRun>;
  file(name: string): string;
}

export async function openOpenssl(): Promise<OpensslClient> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-openssl-'));
  const file = (name: string): string => join(directory, name);
  let written = 0;
  return {
    file,
    async run({ port, sni, client, input, more = [] }) {
      const identity: string[] = [];
      if (client !== undefined) {
        written += 1;
        const name = file(`client-${written}.pem`);
        await writeFile(name, client.certificatePem + client.keyPem);
        identity.push('-cert', name, '-key', name);
      }
      const name = sni === undefined ? ['-noservername'] : ['-servername', sni];
      const output = await openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...name, ...identity, ...more], input);
      const statuses = [...output.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((found) => Number(found[1]));
      const asked = output.includes('Acceptable client certificate CA names');
      return { statuses, status: statuses.at(-1), asked, resumed: /^Reused, /m.test(output), output };
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Ends when the server closes the connection; both outputs together. */
function openssl(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', args, { stdio: 'pipe' });
    let output = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => (output += chunk));
    child.stderr.setEncoding('latin1').on('data', (chunk: string) => (output += chunk));
    child.stdin.on('error', () => child.stdin.destroy());
    child.on('error', reject);
    child.on('close', () => resolve(output));
    child.stdin.end(input);
  });
}
