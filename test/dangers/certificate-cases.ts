import type { IssueOptions, Issued } from '../../src/certificate/issue-certificate.ts';
import {
  clientAuthOid,
  issueAuthority,
  issueClientCertificate,
  issueIntermediate,
  serverAuthOid,
} from '../../src/certificate/issue-certificate.ts';
import { general, nameConstraints } from '../certificate/name-constraints-extension.ts';
import type { Pki } from '../walk/pki.ts';

/** What a client presents to a host that accepts CA A to a depth of 2, and what the log says of it; undefined: it is let in. */
export interface CertificateCase {
  readonly what: string;
  readonly leaf: Issued | undefined;
  /** Sent after the leaf. */
  readonly chain: readonly Issued[];
  readonly refusal: { readonly reason: string; readonly detail: string | null } | undefined;
}

const day = 86_400_000;
const now = Date.now();
const valid = { from: new Date(now - 2 * day), to: new Date(now + 2 * day) };
const past = { from: new Date(now - 2 * day), to: new Date(now - day) };
const future = { from: new Date(now + day), to: new Date(now + 2 * day) };
const anyPurpose = '2.5.29.37.0';
const alice: IssueOptions = { ...valid, commonName: 'alice', emails: ['alice@example.com'] };

export async function certificateCases(pki: Pki): Promise<readonly CertificateCase[]> {
  return [...(await leafCases(pki)), ...(await authorityCases(pki)), ...(await chainCases(pki))];
}

function letIn(what: string, leaf: Issued, chain: readonly Issued[] = []): CertificateCase {
  return { what, leaf, chain, refusal: undefined };
}

/** As a client is configured with it. */
export function clientOf({ leaf, chain }: CertificateCase): Pick<Issued, 'certificatePem' | 'keyPem'> | undefined {
  if (leaf === undefined) return undefined;
  return { certificatePem: [leaf, ...chain].map((issued) => issued.certificatePem).join(''), keyPem: leaf.keyPem };
}

function refused(what: string, detail: string, leaf: Issued, chain: readonly Issued[] = []): CertificateCase {
  return { what, leaf, chain, refusal: { reason: 'invalid-client-certificate', detail } };
}

function by(ca: Issued): Promise<Issued> {
  return issueClientCertificate(ca, alice);
}

function below(ca: Issued, commonName: string, options: Partial<IssueOptions> = {}): Promise<Issued> {
  return issueIntermediate(ca, { ...valid, commonName, ...options });
}

async function leafCases({ caA }: Pki): Promise<readonly CertificateCase[]> {
  const of = (options: Partial<IssueOptions>): Promise<Issued> => issueClientCertificate(caA, { ...alice, ...options });
  const unknownExtension = { oid: '1.3.6.1.4.1.99999.1', critical: true, der: Buffer.of(5, 0) };
  return [
    { what: 'nothing', leaf: undefined, chain: [], refusal: { reason: 'client-certificate-required', detail: null } },
    letIn('a good one', await of({})),
    refused('an expired one', 'expired', await of(past)),
    refused('one that is not valid yet', 'not-yet-valid', await of(future)),
    letIn('one without extended key usage', await of({ extendedKeyUsage: [] })),
    letIn('one for clients and servers', await of({ extendedKeyUsage: [serverAuthOid, clientAuthOid] })),
    refused('one for servers', 'wrong-purpose', await of({ extendedKeyUsage: [serverAuthOid] })),
    refused('one for any purpose', 'wrong-purpose', await of({ extendedKeyUsage: [anyPurpose] })),
    refused('one that may not sign', 'wrong-purpose', await of({ keyUsage: ['keyEncipherment'] })),
    refused('one with a critical extension that nobody knows', 'unreadable', await of({ extensions: [unknownExtension] })),
  ];
}

async function authorityCases({ caA, caB, sameNameCa }: Pki): Promise<readonly CertificateCase[]> {
  const selfSigned = await issueAuthority({ ...alice, isCa: false, keyUsage: ['digitalSignature'] });
  const sameSubject = { ...valid, commonName: 'Client CA A', keyUsage: ['digitalSignature', 'keyCertSign'] as const };
  return [
    refused('one of another authority', 'unknown-ca', await by(caB)),
    refused('one of another authority, which is sent along', 'unknown-ca', await by(caB), [caB]),
    refused('one of an authority of the same name', 'unknown-ca', await by(sameNameCa)),
    refused('one of an authority of the same name, which is sent along', 'unknown-ca', await by(sameNameCa), [sameNameCa]),
    refused('one of an authority of the same name, with the right one beside it', 'unknown-ca', await by(sameNameCa), [caA]),
    refused('one that signed itself', 'unknown-ca', selfSigned),
    refused('one that signed itself under the name of the authority', 'unknown-ca', await issueAuthority(sameSubject)),
    refused('the authority’s own', 'wrong-purpose', caA),
  ];
}

async function chainCases({ caA, caB, alice: leaf }: Pki): Promise<readonly CertificateCase[]> {
  const [first, expired, pathless, constrained] = await Promise.all([
    below(caA, 'First'),
    below(caA, 'Old', past),
    below(caA, 'Pathless', { pathLength: 0 }),
    below(caA, 'Constrained', { extensions: [nameConstraints([general.email('elsewhere.test')])] }),
  ]);
  const [second, tooMany, stranger] = await Promise.all([below(first, 'Second'), below(pathless, 'Too many'), below(caB, 'First')]);
  return [
    letIn('one through an intermediate', await by(first), [first]),
    letIn('one through an intermediate, with strangers beside it', await by(first), [caB, first]),
    refused('one whose intermediate is not sent', 'unknown-ca', await by(first)),
    refused('one whose intermediate is another one of that name', 'unknown-ca', await by(first), [stranger]),
    refused('one through two intermediates', 'depth-exceeded', await by(second), [second, first]),
    refused('one through an expired intermediate', 'expired', await by(expired), [expired]),
    refused('one through more intermediates than the first allows', 'unknown-ca', await by(tooMany), [tooMany, pathless]),
    refused('one through an intermediate that may not certify the name', 'unknown-ca', await by(constrained), [constrained]),
    refused('one signed by somebody who is no authority', 'unknown-ca', await by(leaf), [leaf]),
  ];
}
