import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeCertificateHeaders } from '../../../src/certificate/headers/write-certificate-headers.ts';
import { writtenHeaderNames } from '../../../src/certificate/headers/written-header-names.ts';
import { certificateDialects } from '../../../src/config/choices.ts';
import { issueAuthority, issueClientCertificate, issueIntermediate } from '../../../src/certificate/issue-certificate.ts';
import { valid } from '../frozen-times.ts';

const authority = await issueAuthority({ ...valid, commonName: 'CA' });
const intermediate = await issueIntermediate(authority, { ...valid, commonName: 'Department' });
const alice = await issueClientCertificate(intermediate, { ...valid, commonName: 'alice', emails: ['alice@corp.example'] });

describe('writtenHeaderNames', () => {
  const shownCertificate = { leaf: alice.certificate, chain: [intermediate.certificate] };
  for (const dialect of certificateDialects) {
    it(`is what ${dialect} writes, with a certificate and without one`, () => {
      const written = [shownCertificate, undefined].flatMap((shown) => {
        const headers = writeCertificateHeaders([{ dialect, chain: true, maxBytes: 65_536 }], shown);
        return 'tooLarge' in headers ? assert.fail(headers.tooLarge) : headers.filter((_, index) => index % 2 === 0);
      });
      assert.deepEqual([...new Set(written)].toSorted(), writtenHeaderNames[dialect].toSorted());
    });
  }
});
