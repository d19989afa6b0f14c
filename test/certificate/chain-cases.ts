import { generateKeyPairSync } from 'node:crypto';
import type { IssueOptions, Issued, RawExtension } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../src/certificate/issue-certificate.ts';
import type { CertificateDetail } from '../../src/certificate/verdict.ts';
import { future, past, valid } from './frozen-times.ts';
import { general, nameConstraints } from './name-constraints-extension.ts';

/** A presented chain, the anchors it is judged against, and what must come out. */
export interface ChainCase {
  readonly name: string;
  readonly leaf: Issued;
  readonly chain: readonly Issued[];
  readonly anchors: readonly Issued[];
  readonly expected: 'valid' | CertificateDetail;
}

const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyPurpose = '2.5.29.37.0';
const client: IssueOptions = { ...valid, commonName: 'alice', emails: ['alice@corp.test'] };

/** Every chain once; keys are on P-256 unless a case is about keys, so that the whole list is quick to make. */
export async function chainCases(): Promise<readonly ChainCase[]> {
  const root = await issueAuthority({ ...valid, commonName: 'Root' });
  return [
    ...(await leafCases(root)),
    ...(await authorityCases(root)),
    ...(await pathCases(root)),
    ...(await constraintCases()),
    ...(await strengthCases(root)),
  ];
}

function leafOf(ca: Issued): Promise<Issued> {
  return issueClientCertificate(ca, client);
}

function unknownExtension(critical: boolean): RawExtension {
  return { oid: '1.3.6.1.4.1.99999.1', critical, der: Buffer.of(5, 0) };
}

async function leafCases(root: Issued): Promise<readonly ChainCase[]> {
  const other = await issueAuthority({ ...valid, commonName: 'Other' });
  const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
  const one = async (name: string, expected: ChainCase['expected'], options: Partial<IssueOptions> = {}): Promise<ChainCase> => ({
    name,
    leaf: await issueClientCertificate(root, { ...client, ...options }),
    chain: [],
    anchors: [root],
    expected,
  });
  const signedBy = async (name: string, ca: Issued, chain: readonly Issued[] = []): Promise<ChainCase> => ({
    name,
    leaf: await issueClientCertificate(ca, client),
    chain,
    anchors: [root],
    expected: 'unknown-ca',
  });
  const pinned = await issueAuthority({ ...client, keyUsage: ['digitalSignature', 'keyCertSign'] });
  const selfSigned = await issueAuthority({ ...client, isCa: false, keyUsage: ['digitalSignature'] });
  return [
    await one('signed by the anchor', 'valid'),
    await one('expired', 'expired', past),
    await one('not yet valid', 'not-yet-valid', future),
    await one('no extended key usage', 'valid', { extendedKeyUsage: [] }),
    await one('for servers only', 'wrong-purpose', { extendedKeyUsage: [serverAuth] }),
    await one('for servers and clients', 'valid', { extendedKeyUsage: [serverAuth, '1.3.6.1.5.5.7.3.2'] }),
    await one('for any purpose only', 'wrong-purpose', { extendedKeyUsage: [anyPurpose] }),
    await one('no key usage', 'valid', { keyUsage: [] }),
    await one('key usage without digitalSignature', 'wrong-purpose', { keyUsage: ['keyEncipherment'] }),
    await one('an authority that may sign handshakes', 'valid', { isCa: true, keyUsage: ['digitalSignature', 'keyCertSign'] }),
    await one('an authority that may only sign certificates', 'wrong-purpose', { isCa: true, keyUsage: ['keyCertSign'] }),
    await one('an unknown critical extension', 'unreadable', { extensions: [unknownExtension(true)] }),
    await one('an unknown extension that is not critical', 'valid', { extensions: [unknownExtension(false)] }),
    await signedBy('signed by another authority', other),
    await signedBy('signed by another authority that was sent along', other, [other]),
    await signedBy('signed by an authority of the same name', namesake),
    await signedBy('signed by an authority of the same name that was sent along', namesake, [namesake]),
    await signedBy('signed by an authority of the same name, with the genuine one sent along', namesake, [root]),
    { name: 'self-signed, not an anchor', leaf: selfSigned, chain: [], anchors: [root], expected: 'unknown-ca' },
    { name: 'the anchor itself, with a key for handshakes', leaf: pinned, chain: [], anchors: [pinned], expected: 'valid' },
    { name: 'the anchor itself, with a key for certificates only', leaf: root, chain: [], anchors: [root], expected: 'wrong-purpose' },
  ];
}

async function authorityCases(root: Issued): Promise<readonly ChainCase[]> {
  const oldRoot = await issueAuthority({ ...past, commonName: 'Old Root' });
  const renewed = await issueAuthority({ ...valid, commonName: 'Old Root', keyPem: oldRoot.keyPem });
  const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
  const constrained = await issueAuthority({ ...valid, commonName: 'Pathless', pathLength: 0 });
  const below = await issueIntermediate(constrained, { ...valid, commonName: 'Below' });
  const forServers = await issueAuthority({ ...valid, commonName: 'Server Root', extendedKeyUsage: [serverAuth] });
  return [
    { name: 'an expired anchor', leaf: await leafOf(oldRoot), chain: [], anchors: [oldRoot], expected: 'expired' },
    {
      name: 'an expired anchor beside its renewal of the same key',
      leaf: await leafOf(oldRoot),
      chain: [],
      anchors: [oldRoot, renewed],
      expected: 'valid',
    },
    { name: 'two anchors of one name, the other first', leaf: await leafOf(root), chain: [], anchors: [namesake, root], expected: 'valid' },
    {
      name: 'an anchor without room for the intermediate',
      leaf: await leafOf(below),
      chain: [below],
      anchors: [constrained],
      expected: 'unknown-ca',
    },
    {
      name: 'an anchor without room for intermediates, none used',
      leaf: await leafOf(constrained),
      chain: [],
      anchors: [constrained],
      expected: 'valid',
    },
    { name: 'an anchor for servers only', leaf: await leafOf(forServers), chain: [], anchors: [forServers], expected: 'wrong-purpose' },
  ];
}

async function pathCases(root: Issued): Promise<readonly ChainCase[]> {
  const first = await issueIntermediate(root, { ...valid, commonName: 'First' });
  const second = await issueIntermediate(first, { ...valid, commonName: 'Second' });
  const stranger = await issueAuthority({ ...valid, commonName: 'Stranger' });
  const crossed = await issueIntermediate(stranger, { ...valid, commonName: 'First', keyPem: first.keyPem });
  const [oneDeep, twoDeep] = [await leafOf(first), await leafOf(second)];
  const through = async (name: string, expected: ChainCase['expected'], options: Partial<IssueOptions>): Promise<ChainCase> => {
    const intermediate = await issueIntermediate(root, { ...valid, commonName: 'Between', ...options });
    return { name, leaf: await leafOf(intermediate), chain: [intermediate], anchors: [root], expected };
  };
  return [
    { name: 'one intermediate', leaf: oneDeep, chain: [first], anchors: [root], expected: 'valid' },
    { name: 'two intermediates', leaf: twoDeep, chain: [second, first], anchors: [root], expected: 'valid' },
    {
      name: 'two intermediates in the wrong order, strangers among them',
      leaf: twoDeep,
      chain: [stranger, first, root, second],
      anchors: [root],
      expected: 'valid',
    },
    { name: 'the intermediate was not sent', leaf: oneDeep, chain: [], anchors: [root], expected: 'unknown-ca' },
    { name: 'one of two intermediates was not sent', leaf: twoDeep, chain: [second], anchors: [root], expected: 'unknown-ca' },
    { name: 'only the intermediate is an anchor', leaf: oneDeep, chain: [], anchors: [first], expected: 'valid' },
    { name: 'the upper intermediate is an anchor', leaf: twoDeep, chain: [second], anchors: [first], expected: 'valid' },
    {
      name: 'a cross-signed intermediate, the trusted way second',
      leaf: oneDeep,
      chain: [crossed, first],
      anchors: [root],
      expected: 'valid',
    },
    {
      name: 'a cross-signed intermediate, only the strange way sent',
      leaf: oneDeep,
      chain: [crossed],
      anchors: [root],
      expected: 'unknown-ca',
    },
    await through('an expired intermediate', 'expired', past),
    await through('an intermediate that is not yet valid', 'not-yet-valid', future),
    await through('an intermediate that is no authority', 'unknown-ca', { isCa: false }),
    await through('an intermediate that may not sign certificates', 'unknown-ca', { keyUsage: ['digitalSignature'] }),
    await through('an intermediate without key usage', 'valid', { keyUsage: [] }),
    await through('an intermediate for servers only', 'wrong-purpose', { extendedKeyUsage: [serverAuth] }),
    await through('an intermediate for clients', 'valid', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }),
    await through('an intermediate with an unknown critical extension', 'unreadable', {
      extensions: [unknownExtension(true)],
    }),
  ];
}

async function constraintCases(): Promise<readonly ChainCase[]> {
  const one = async (
    name: string,
    expected: ChainCase['expected'],
    constraint: RawExtension,
    names: Partial<IssueOptions>,
  ): Promise<ChainCase> => {
    const root = await issueAuthority({ ...valid, commonName: 'Constrained', extensions: [constraint] });
    const leaf = await issueClientCertificate(root, { ...valid, commonName: 'alice', ...names });
    return { name: `constraint: ${name}`, leaf, chain: [], anchors: [root], expected };
  };
  const { email, dns, uri, ip, organization } = general;
  const refused = 'unknown-ca';
  return Promise.all([
    one('e-mail of the host', 'valid', nameConstraints([email('corp.test')]), { emails: ['alice@CORP.test'] }),
    one('e-mail of another host', refused, nameConstraints([email('corp.test')]), { emails: ['alice@evil.test'] }),
    one('e-mail of a host below', refused, nameConstraints([email('corp.test')]), { emails: ['alice@a.corp.test'] }),
    one('e-mail below a dotted host', 'valid', nameConstraints([email('.corp.test')]), { emails: ['alice@a.corp.test'] }),
    one('e-mail of exactly one person', 'valid', nameConstraints([email('alice@corp.test')]), { emails: ['alice@corp.test'] }),
    one('e-mail of another person', refused, nameConstraints([email('alice@corp.test')]), { emails: ['bob@corp.test'] }),
    one('one e-mail of two outside', refused, nameConstraints([email('corp.test')]), { emails: ['a@corp.test', 'a@evil.test'] }),
    one('e-mail in the subject', refused, nameConstraints([email('corp.test')]), {
      subject: [
        ['CN', 'a'],
        ['E', 'a@evil.test'],
      ],
    }),
    one('excluded e-mail', refused, nameConstraints([], [email('evil.test')]), { emails: ['alice@evil.test'] }),
    one('not the excluded e-mail', 'valid', nameConstraints([], [email('evil.test')]), { emails: ['alice@corp.test'] }),
    one('host itself', 'valid', nameConstraints([dns('corp.test')]), { dnsNames: ['corp.test'] }),
    one('host below', 'valid', nameConstraints([dns('corp.test')]), { dnsNames: ['A.corp.test'] }),
    one('host that only ends alike', refused, nameConstraints([dns('corp.test')]), { dnsNames: ['notcorp.test'] }),
    one('permitted but excluded below', refused, nameConstraints([dns('corp.test')], [dns('x.corp.test')]), {
      dnsNames: ['y.x.corp.test'],
    }),
    one('common name that is a host', refused, nameConstraints([dns('corp.test')]), { commonName: 'www.evil.test' }),
    one('no name of the constrained form', 'valid', nameConstraints([uri('corp.test')]), { emails: ['alice@evil.test'] }),
    one('URI of the host', 'valid', nameConstraints([uri('corp.test')]), { uris: ['spiffe://corp.test/alice'] }),
    one('URI of another host', refused, nameConstraints([uri('corp.test')]), { uris: ['spiffe://evil.test/corp.test'] }),
    one('URI below a dotted host', 'valid', nameConstraints([uri('.corp.test')]), { uris: ['https://a.corp.test:1/x'] }),
    one('URI without a host', refused, nameConstraints([uri('corp.test')]), { uris: ['urn:alice'] }),
    one('address inside', 'valid', nameConstraints([ip(10, 0, 0, 0, 255, 0, 0, 0)]), { ipAddresses: ['10.1.2.3'] }),
    one('address outside', refused, nameConstraints([ip(10, 0, 0, 0, 255, 0, 0, 0)]), { ipAddresses: ['11.1.2.3'] }),
    one('address of the other family', refused, nameConstraints([ip(10, 0, 0, 0, 255, 0, 0, 0)]), { ipAddresses: ['::1'] }),
    one('subject inside', 'valid', nameConstraints([organization('Corp  inc')]), { organization: 'CORP Inc' }),
    one('subject outside', refused, nameConstraints([organization('Corp')]), { organization: 'Evil' }),
    one('excluded subject', refused, nameConstraints([], [organization('Evil')]), { organization: 'evil' }),
  ]);
}

async function strengthCases(root: Issued): Promise<readonly ChainCase[]> {
  const rsaRoot = await issueAuthority({ ...valid, commonName: 'RSA Root', keyKind: 'RSA-2048' });
  const weakRoot = await issueAuthority({ ...valid, commonName: 'Weak Root', keyKind: 'RSA-1024' });
  const sha1Root = await issueAuthority({ ...valid, commonName: 'SHA-1 Root', hash: 'SHA-1' });
  const edRoot = await issueAuthority({ ...valid, commonName: 'Ed Root', keyKind: 'Ed25519' });
  const smallCurve = generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const one = async (
    name: string,
    expected: ChainCase['expected'],
    ca: Issued,
    options: Partial<IssueOptions> = {},
  ): Promise<ChainCase> => ({
    name,
    leaf: await issueClientCertificate(ca, { ...client, ...options }),
    chain: [],
    anchors: [ca],
    expected,
  });
  return Promise.all([
    one('an RSA anchor of 2048 bits', 'valid', rsaRoot, { keyKind: 'RSA-2048' }),
    one('P-384 and SHA-384', 'valid', root, { keyKind: 'P-384', hash: 'SHA-384' }),
    one('Ed25519', 'valid', edRoot, { keyKind: 'Ed25519' }),
    one('an RSA anchor of 1024 bits', 'wrong-purpose', weakRoot),
    one('an RSA leaf of 1024 bits', 'wrong-purpose', root, { keyKind: 'RSA-1024' }),
    one('a leaf on a curve of 224 bits', 'wrong-purpose', root, { keyPem: smallCurve }),
    one('a leaf signed over SHA-1', 'unknown-ca', root, { hash: 'SHA-1' }),
    one('a leaf signed over SHA-1 with RSA', 'unknown-ca', rsaRoot, { hash: 'SHA-1' }),
    one('an anchor that signed itself over SHA-1', 'valid', sha1Root),
  ]);
}
