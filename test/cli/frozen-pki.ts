import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  issueAuthority,
  issueClientCertificate,
  issueIntermediate,
  issueServerCertificate,
} from '../../src/certificate/issue-certificate.ts';

const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));

/** A directory with certificates whose times don't move: valid in 2026 unless their names say otherwise. Answers its name. */
export async function writeFrozenPki(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-frozen-'));
  const decades = { from: year(2020), to: year(2090) };
  const thisYear = { from: year(2026), to: year(2027) };
  const [caA, caB, sameName] = await Promise.all(['CA A', 'CA B', 'CA A'].map((commonName) => issueAuthority({ commonName, ...decades })));
  if (caA === undefined || caB === undefined || sameName === undefined) throw new Error('no authorities');
  const intermediate = await issueIntermediate(caA, { commonName: 'Department', ...decades });
  const person = { commonName: 'alice', emails: ['alice@corp.test'], ...thisYear };
  const issued = {
    'ca-a': caA,
    'ca-b': caB,
    server: await issueServerCertificate(caB, { commonName: 'corp.test', dnsNames: ['*.corp.test'], ...decades }),
    alice: await issueClientCertificate(caA, person),
    'of-b': await issueClientCertificate(caB, person),
    'same-name': await issueClientCertificate(sameName, person),
    old: await issueClientCertificate(caA, { ...person, from: year(2024), to: year(2025) }),
    early: await issueClientCertificate(caA, { ...person, from: year(2030), to: year(2031) }),
    'for-servers': await issueServerCertificate(caA, person),
    deep: await issueClientCertificate(intermediate, person),
    department: intermediate,
  };
  for (const [name, { certificatePem, keyPem }] of Object.entries(issued)) {
    await writeFile(join(directory, `${name}.pem`), certificatePem);
    if (name === 'server') await writeFile(join(directory, 'server.key'), keyPem, { mode: 0o600 });
  }
  await writeFile(join(directory, 'deep-bundle.pem'), issued.deep.certificatePem + intermediate.certificatePem);
  await writeFile(join(directory, 'not-a-certificate.pem'), 'hello');
  return directory;
}
