import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Issued, RawExtension } from '../../src/certificate/issue-certificate.ts';
import { writeContextPrimitive, writeDer, writeExplicit, writeOid, writeSequence } from '../../src/certificate/write-der.ts';
import type { NamedSources } from '../../src/revocation/named-sources.ts';
import { namedSources } from '../../src/revocation/named-sources.ts';
import { distributionPoints, factsOf, fullName, makeAuthority, makeClient, responders, uri } from './authority.ts';

const ca = await makeAuthority('Client CA');

async function sourcesOf(...extensions: readonly RawExtension[]): Promise<NamedSources> {
  return namedSources(factsOf(await makeClient(ca, {}, { extensions })));
}

function directoryName({ certificate }: Issued): Buffer {
  return writeExplicit(2, writeExplicit(4, factsOf({ certificate }).subjectRaw));
}

describe('namedSources()', () => {
  it('finds OCSP responders among the accesses, and nothing where there are none', async () => {
    const issuers = writeSequence(writeOid('1.3.6.1.5.5.7.48.2'), uri('http://ca.example/ca.cer'));
    const byName = writeSequence(writeOid('1.3.6.1.5.5.7.48.1'), writeContextPrimitive(2, Buffer.from('ocsp.example')));
    const ocsp = writeSequence(writeOid('1.3.6.1.5.5.7.48.1'), uri('http://ocsp.example'));
    const der = writeSequence(issuers, byName, ocsp, ocsp);
    assert.deepEqual(await sourcesOf({ oid: '1.3.6.1.5.5.7.1.1', critical: false, der }), { ocsp: ['http://ocsp.example'], lists: [] });
    assert.deepEqual(await sourcesOf(), { ocsp: [], lists: [] });
  });

  it('finds the distribution points that speak of every reason and are of the issuer', async () => {
    const other = await makeAuthority('Other CA');
    const points = [
      fullName('ldap:///CN=CA', 'http://a.example/1.crl'),
      Buffer.concat([fullName('http://reasons.example/'), writeContextPrimitive(1, Buffer.of(0, 0x80))]),
      Buffer.concat([fullName('http://other.example/'), directoryName(other)]),
      Buffer.concat([fullName('http://b.example/'), directoryName(ca)]),
      directoryName(ca),
      writeExplicit(0, writeExplicit(1, writeDer(0x31, Buffer.alloc(0)))),
    ];
    assert.deepEqual(await sourcesOf(distributionPoints(...points)), {
      ocsp: [],
      lists: ['ldap:///CN=CA', 'http://a.example/1.crl', 'http://b.example/'],
    });
  });

  it('takes the first few, and none of an extension that cannot be read', async () => {
    const many = Array.from({ length: 9 }, (_, index) => `http://${index}.example/`);
    assert.deepEqual((await sourcesOf(responders(...many))).ocsp, many.slice(0, 4));
    for (const der of [Buffer.from('0500', 'hex'), Buffer.from('300130', 'hex'), Buffer.alloc(0)]) {
      const broken = ['1.3.6.1.5.5.7.1.1', '2.5.29.31'].map((oid) => ({ oid, critical: false, der }));
      assert.deepEqual(await sourcesOf(...broken), { ocsp: [], lists: [] });
    }
  });
});
