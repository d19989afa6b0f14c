import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueServerCertificate } from '../../src/certificate/issue-certificate.ts';

const day = 86_400_000;

/** Certificates for one test file: a server for `*.postern.test`, two client CAs, and clients good and bad. */
export interface Pki {
  readonly serverCa: Issued;
  readonly server: Issued;
  readonly caA: Issued;
  readonly caB: Issued;
  /** Of CA A's very name, with another key. */
  readonly sameNameCa: Issued;
  readonly alice: Issued;
  readonly ofB: Issued;
  readonly ofSameName: Issued;
  readonly expired: Issued;
}

export async function makePki(): Promise<Pki> {
  const from = new Date(Date.now() - day);
  const to = new Date(Date.now() + 30 * day);
  const authority = (commonName: string): Promise<Issued> => issueAuthority({ commonName, from, to });
  const [serverCa, caA, caB, sameNameCa] = await Promise.all(['Server CA', 'Client CA A', 'Client CA B', 'Client CA A'].map(authority));
  if (serverCa === undefined || caA === undefined || caB === undefined || sameNameCa === undefined) throw new Error('no authorities');
  const client = (ca: Issued, commonName: string, until = to): Promise<Issued> =>
    issueClientCertificate(ca, { commonName, emails: [`${commonName}@example.com`], from: new Date(Date.now() - 2 * day), to: until });
  const [server, alice, ofB, ofSameName, expired] = await Promise.all([
    issueServerCertificate(serverCa, { commonName: 'postern.test', dnsNames: ['*.postern.test'], from, to }),
    client(caA, 'alice'),
    client(caB, 'bea'),
    client(sameNameCa, 'alice'),
    client(caA, 'late', new Date(Date.now() - day)),
  ]);
  return { serverCa, server, caA, caB, sameNameCa, alice, ofB, ofSameName, expired };
}
