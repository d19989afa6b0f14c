import type { X509Certificate } from 'node:crypto';
import type { Anchor } from '../../certificate/ca-bundle.ts';
import type { CertificateFacts } from '../../certificate/certificate-facts.ts';
import type { Issued, RawExtension } from '../../certificate/issue-certificate.ts';
import {
  clientAuthOid,
  issueAuthority,
  issueClientCertificate,
  issueIntermediate,
  serverAuthOid,
} from '../../certificate/issue-certificate.ts';
import { expectTag, readChildren, readDer, readOid } from '../../certificate/read-der.ts';
import type { SyntheticCertificate } from './synthetic-certificate.ts';

/**
 * A stand-in for an authority whose key is elsewhere: the same subject, dates and limits, and a key of its own. It is trusted
 * in the snapshot of a test run and nowhere else.
 */
export function issueStandIn({ facts }: Anchor): Promise<Issued> {
  const { keyUsage, pathLength } = facts;
  return issueAuthority({
    commonName: '',
    subject: facts.subjectName.flatMap((rdn) => rdn.map(({ type, text }) => [type, text ?? ''] as const)),
    from: new Date(facts.notBefore),
    to: new Date(facts.notAfter),
    ...(pathLength === undefined ? {} : { pathLength }),
    keyUsage: keyUsage === undefined ? [] : [...(keyUsage.keyCertSign ? (['keyCertSign'] as const) : []), 'cRLSign'],
    extendedKeyUsage: facts.extendedKeyUsage ?? [],
    // What the judge refuses of the authority it refuses of its stand-in.
    keyKind: facts.keyWeakness === undefined ? 'P-256' : 'RSA-1024',
    extensions: copiedExtensions(facts),
  });
}

const nameConstraints = '2.5.29.30';

/** Those that limit what is below, and those that the judge does not understand. */
function copiedExtensions({ certificate, unknownCritical }: CertificateFacts): readonly RawExtension[] {
  const [tbs] = readChildren(expectTag(readDer(certificate.raw), 0x30));
  const field = readChildren(expectTag(tbs, 0x30)).find(({ tag }) => tag === 0xa3);
  const entries = field === undefined ? [] : readChildren(expectTag(readChildren(field)[0], 0x30));
  return entries
    .map((entry) => {
      const [id, ...rest] = readChildren(entry);
      return { oid: readOid(id), critical: rest.length > 1, der: rest.at(-1)?.contents ?? Buffer.of() };
    })
    .filter(({ oid }) => oid === nameConstraints || unknownCritical.includes(oid));
}

/** The leaf and the intermediates that a client would send with it. */
export async function issueSynthetic(wanted: SyntheticCertificate, standIn: Issued | undefined): Promise<readonly X509Certificate[]> {
  const authority = standIn?.certificate;
  const from = wanted.notBefore ?? authority?.validFromDate.getTime() ?? 0;
  const to = wanted.notAfter ?? authority?.validToDate.getTime() ?? lastTime;
  // One that is not valid yet ends when time ends, whenever its authority does.
  const validity = { from: new Date(from), to: new Date(Math.max(to, from < to ? to : lastTime)) };
  const purpose = { extendedKeyUsage: [wanted.purpose === 'client' ? clientAuthOid : serverAuthOid] };
  const { dns, email, uri, ip, upn } = wanted.names;
  const names = { dnsNames: dns, emails: email, uris: uri, ipAddresses: ip, principalNames: upn };
  const options = { commonName: '', subject: wanted.subject, ...validity, ...purpose, ...names };
  const serial = wanted.serial === undefined ? {} : { serial: wanted.serial };
  if (standIn === undefined) {
    const itself = await issueAuthority({ ...options, ...serial, isCa: false, keyUsage: ['digitalSignature'] });
    return [itself.certificate];
  }
  const chain: Issued[] = [];
  for (let depth = 1; depth <= wanted.intermediates; depth += 1) {
    const { validFromDate, validToDate } = standIn.certificate;
    chain.unshift(
      await issueIntermediate(chain[0] ?? standIn, { commonName: `Intermediate ${depth}`, from: validFromDate, to: validToDate }),
    );
  }
  const leaf = await issueClientCertificate(chain[0] ?? standIn, { ...options, ...serial });
  return [leaf, ...chain].map(({ certificate }) => certificate);
}

// The last second that a certificate can name (RFC 5280 section 4.1.2.5).
const lastTime = Date.UTC(9999, 11, 31, 23, 59, 59);
