import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';
import { issueCrl } from '../../src/certificate/issue-crl.ts';

const times = { from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2036, 0, 1)) };

/** A directory with the files that the configurations of `test/cases/pomerium` name under `/pomerium/`; answers its name. */
export async function mountFiles(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-mounted-'));
  const authority = (commonName: string): Promise<Issued> => issueAuthority({ commonName, ...times });
  const [corp, clients, partners] = await Promise.all(['Corp CA', 'Client CA', 'Partner CA'].map(authority));
  if (corp === undefined || clients === undefined || partners === undefined) throw new Error('no authorities');
  const server = (commonName: string, ...dnsNames: readonly string[]): Promise<Issued> =>
    issueServerCertificate(corp, { commonName, dnsNames, ...times });
  const pairs = {
    wildcard: await server('wildcard', '*.corp.example', '*.apps.corp.example'),
    apex: await server('apex', 'corp.example'),
    metrics: await server('metrics', 'metrics.corp.example'),
    proxy: await issueClientCertificate(corp, { commonName: 'proxy', ...times }),
    signing: corp,
  };
  for (const [name, { certificatePem, keyPem }] of Object.entries(pairs)) {
    await writeFile(join(directory, `${name}.crt`), certificatePem);
    await writeFile(join(directory, `${name}.key`), keyPem, { mode: 0o600 });
  }
  const others = {
    'corp-ca.pem': corp.certificatePem,
    'client-ca.pem': clients.certificatePem,
    'partner-ca.pem': partners.certificatePem,
    'client-ca.crl': issueCrl(clients, { number: 1n, from: times.from, to: times.to, revoked: [] }),
    'idp-secret': 'hunter2\n',
    'shared-secret': `${Buffer.alloc(32, 1).toString('base64')}\n`,
    'cookie-secret': `${Buffer.alloc(32, 2).toString('base64')}\n`,
    token: 'eyJhbGciOiJub25lIn0.e30.\n',
    'storage-address': `file://${directory}/databroker\n`,
  };
  for (const [name, text] of Object.entries(others)) await writeFile(join(directory, name), text, { mode: 0o600 });
  await mkdir(join(directory, 'state'), { mode: 0o700 });
  return directory;
}

/** The text of a configuration with its files in `directory`, and `{{file}}` replaced by the base64 of that file. */
export async function mountedAt(directory: string, text: string): Promise<string> {
  const moved = text.replaceAll('/pomerium/', `${directory}/`);
  const names = [...moved.matchAll(/\{\{([^{}]+)\}\}/g)].map(([, name = '']) => name);
  const contents = new Map<string, string>();
  for (const name of names) contents.set(name, (await readFile(join(directory, name))).toString('base64'));
  return moved.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => contents.get(name) ?? '');
}
