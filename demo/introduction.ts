import { join, resolve } from 'node:path';
import { demoHosts, describeHost, originOf } from './demo-hosts.ts';
import { pkcs12Password } from './demo-state.ts';
import { people } from './people.ts';

export interface IntroductionOptions {
  readonly port: number;
  readonly issuer: string;
  readonly metricsUrl: string;
  readonly healthUrl: string;
  /** As it is to be typed from the working directory. */
  readonly directory: string;
  /** Whether certificates that somebody may have imported are of no use any more. */
  readonly replaced: boolean;
}

/** What the terminal shows once the demo is ready: where to go, what to import, what to paste. */
export function writeIntroduction({ port, issuer, metricsUrl, healthUrl, directory, replaced }: IntroductionOptions): string {
  const rows = [
    ...demoHosts.map((host) => [`${originOf(host.name, port)}/`, describeHost(host)] as const),
    [`${originOf('auth', port)}/.pomerium/`, 'the authenticate host, where Postern sends people to sign in: your session'] as const,
    [`${issuer}/`, 'the identity provider: Alice (admins, staff), Bob (staff), Carol (no group)'] as const,
  ];
  const absolute = (...names: readonly string[]): string => resolve(directory, ...names);
  const width = Math.max(...rows.map(([url]) => url.length));
  return `
Postern is ready. Everything listens on this machine only. Ctrl-C ends it all.

${rows.map(([url, shows]) => `  ${url.padEnd(width)}  ${shows}`).join('\n')}

In a browser${replaced ? ' (the certificates are new: import them again)' : ''}
  First trust the demo's authority, then import the person you want to be (password ${pkcs12Password}). File dialogs hide the folder: paste the path.
    ${absolute('ca.pem')}
${people.map(({ id }) => `    ${absolute('people', `${id}.p12`)}`).join('\n')}
  Chrome   Open chrome://certificate-manager. Local certificates > Installed by you > Trusted Certificates > Import: ca.pem.
           Your certificates > View imported certificates > Import: the .p12 file. On macOS and Windows open the .p12 file itself.
  Firefox  Settings > Privacy & Security > Certificates > View Certificates. Authorities > Import: ca.pem, trusted to identify websites.
           Your Certificates > Import: the .p12 file.
  Then start a new private window: browsers remember which certificate they offered to a host.

In a terminal
${curlLines(port, directory)
  .map((line) => `  ${line}`)
  .join('\n')}

  Configuration ${join(directory, 'config.yaml')}, log ${join(directory, 'postern.log')}, metrics ${metricsUrl}, health ${healthUrl}
`;
}

/** Lines to paste. curl finds names under localhost by itself. */
export function curlLines(port: number, directory: string): readonly string[] {
  const curl = `curl --cacert ${join(directory, 'ca.pem')}`;
  const alice = `--cert ${join(directory, 'people/alice.pem')} --key ${join(directory, 'people/alice.key')}`;
  const statusOnly = `-s -o /dev/null -w '%{http_code}\\n'`;
  return [
    `${curl} ${originOf('public', port)}/`,
    `${curl} -H 'X-Pomerium-Claim-Email: mallory@example.com' ${originOf('public', port)}/   # the header does not arrive`,
    `${curl} ${statusOnly} ${originOf('signed-in', port)}/   # 302: sign in first`,
    `${curl} ${statusOnly} ${originOf('certificate', port)}/   # 495: no certificate`,
    `${curl} ${statusOnly} ${alice} ${originOf('certificate', port)}/   # 200`,
    `${curl} -s -i -N --http1.1 --max-time 1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: cG9zdGVybiBzYXlzIGhpIQ==' ${originOf('socket', port)}/   # 101`,
  ];
}
