import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificateFacts } from '../../src/certificate/certificate-facts.ts';
import { selfSignedFallback } from '../../src/certificate/self-signed-fallback.ts';
import { at } from './frozen-times.ts';

const serverAuth = '1.3.6.1.5.5.7.3.1';

describe('selfSignedFallback()', () => {
  it('makes a server certificate that signs itself, is valid now and in years, and names the hosts', () => {
    const { certificate } = selfSignedFallback(['a.test', 'b.test'], at);
    deepEqual(
      [certificate.verify(certificate.publicKey), certificate.ca, certificate.checkHost('b.test'), certificate.checkHost('c.test')],
      [true, false, 'b.test', undefined],
    );
    ok(certificate.validFromDate.getTime() < at && certificate.validToDate.getTime() > at + 5 * 365 * 86_400_000);
  });

  it('is read by our own reader as what it is: no authority, for servers alone, with a word to whoever sees it', () => {
    const facts = certificateFacts(selfSignedFallback(['a.test'], at).certificate);
    deepEqual(
      [facts?.subject, facts?.issuer, facts?.isCa, facts?.keyUsage, facts?.extendedKeyUsage],
      [
        'CN=Postern\\, no certificate for this name',
        'CN=Postern\\, no certificate for this name',
        false,
        { digitalSignature: true, keyCertSign: false, crlSign: false },
        [serverAuth],
      ],
    );
    match(facts?.subjectKeyId ?? '', /^[0-9a-f]{40}$/);
  });

  it('has a key and a serial number of its own each time', () => {
    const [one, other] = [selfSignedFallback(['a.test'], at), selfSignedFallback(['a.test'], at)];
    ok(one.certificate.checkPrivateKey(createPrivateKey(one.keyPem)));
    notEqual(one.certificate.serialNumber, other.certificate.serialNumber);
    ok(!one.certificate.publicKey.equals(other.certificate.publicKey));
  });

  it('does without any host', () => {
    equal(selfSignedFallback([], at).certificate.subjectAltName, undefined);
  });
});
