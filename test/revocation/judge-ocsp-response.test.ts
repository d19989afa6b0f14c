import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { writeNull, writeOctetString, writeOid } from '../../src/certificate/write-der.ts';
import type { OcspAnswer } from '../../src/revocation/judge-ocsp-response.ts';
import { judgeOcspResponse } from '../../src/revocation/judge-ocsp-response.ts';
import { at } from '../certificate/frozen-times.ts';
import { makeAuthority, makeClient, questionOf } from './authority.ts';
import type { OcspOptions } from './written-ocsp.ts';
import { writeAnswer, writeOcspResponse, writeRefusal } from './written-ocsp.ts';

const minute = 60_000;
const hour = 60 * minute;
const ca = await makeAuthority();
const client = await makeClient(ca, {});
const question = questionOf(client, ca);
const nonce = randomBytes(32);
const usual: OcspOptions = { question, signer: ca, thisUpdate: at - minute, nextUpdate: at + hour, nonce };

function judge(bytes: Buffer): OcspAnswer | string {
  return judgeOcspResponse(bytes, { question, nonce, at, usualLifeMs: hour });
}

function judged(options: Partial<OcspOptions>): OcspAnswer | string {
  return judge(writeOcspResponse({ ...usual, ...options }));
}

const goodUntil = (until: number): OcspAnswer => ({ status: 'good', thisUpdate: at - minute, until });
const good = goodUntil(at + hour);

describe('judgeOcspResponse()', () => {
  it('gives the answer about the certificate, and until when it may be repeated', () => {
    assert.deepEqual(judged({}), good);
    assert.deepEqual(judged({ byName: true }), good);
    assert.deepEqual(judged({ status: 'revoked' }), { ...good, status: 'revoked' });
    assert.deepEqual(judged({ status: 'unknown' }), { ...good, status: 'unknown' });
  });

  it('takes an answer without a nonce, and none with another one', () => {
    const { nonce: _, ...withoutNonce } = usual;
    assert.deepEqual(judge(writeOcspResponse(withoutNonce)), good);
    for (const other of [randomBytes(32), nonce.subarray(1), Buffer.concat([nonce, nonce]), Buffer.alloc(0)])
      assert.equal(judged({ nonce: other }), 'its answer is to another question (nonce)');
  });

  it('takes an answer between its dates, with a minute for the clock of the authority', () => {
    const future = 'its answer is of the future';
    const old = 'its answer is out of date';
    assert.deepEqual(judged({ thisUpdate: at + minute }), { ...good, thisUpdate: at + minute });
    assert.equal(judged({ thisUpdate: at + minute + 1000 }), future);
    assert.equal(judged({ producedAt: at + minute + 1000 }), future);
    assert.deepEqual(judged({ nextUpdate: at }), goodUntil(at));
    assert.equal(judged({ nextUpdate: at - 1000 }), old);
    const { nextUpdate: _, ...endless } = usual;
    const without = (thisUpdate: number): OcspAnswer | string => judge(writeOcspResponse({ ...endless, thisUpdate }));
    assert.deepEqual(without(at - minute), goodUntil(Infinity));
    assert.deepEqual(without(at - hour - minute), { ...goodUntil(Infinity), thisUpdate: at - hour - minute });
    assert.equal(without(at - hour - minute - 1000), old);
  });

  it('takes no answer about another certificate', async () => {
    const about = 'its answer is about another certificate';
    const neighbour = questionOf(await makeClient(ca, {}), ca);
    const sameName = await makeAuthority();
    const serial = client.certificate.serialNumber.toLowerCase();
    const sameNumber = questionOf(await makeClient(sameName, {}, { serial }), sameName);
    const renamed = await makeAuthority('Renamed CA', { keyPem: ca.keyPem });
    const ofRenamed = questionOf(await makeClient(renamed, {}, { serial }), renamed);
    for (const other of [neighbour, sameNumber, ofRenamed])
      assert.equal(judged({ answers: [writeAnswer({ ...usual, question: other })] }), about);
    assert.equal(judged({ answers: [] }), about);
    const both = [writeAnswer({ ...usual, question: neighbour, status: 'revoked' }), writeAnswer(usual)];
    assert.deepEqual(judged({ answers: both }), good);
    assert.equal(judged({ answers: [writeAnswer(usual), writeAnswer(usual)] }), 'it gives two answers about one certificate');
  });

  it('takes an answer of the issuer or of whom it appointed, and of nobody else', async () => {
    const ocspSigning = '1.3.6.1.5.5.7.3.9';
    const appoint = (more: Parameters<typeof makeClient>[2]): ReturnType<typeof makeClient> =>
      makeClient(ca, {}, { commonName: 'Signer', extendedKeyUsage: [ocspSigning], ...more });
    const noCheck = { oid: '1.3.6.1.5.5.7.48.1.5', critical: false, der: writeNull() };
    for (const signer of [await appoint({ extensions: [noCheck] }), await appoint({ extensions: [{ ...noCheck, critical: true }] })]) {
      assert.deepEqual(judged({ signer, certificates: [client, signer] }), good);
      assert.deepEqual(judged({ signer, certificates: [signer], byName: true }), good);
      assert.equal(judged({ signer }), 'its answer is signed by somebody unknown');
    }
    const refused = async (more: Parameters<typeof makeClient>[2]): Promise<OcspAnswer | string> => {
      const signer = await appoint(more);
      return judged({ signer, certificates: [signer] });
    };
    const who = 'its answer is signed by "CN=Signer", which';
    assert.equal(
      judged({ signer: client, certificates: [client] }),
      'its answer is signed by "CN=alice", which may not sign OCSP responses (extended key usage)',
    );
    assert.equal(await refused({ extendedKeyUsage: [] }), `${who} may not sign OCSP responses (extended key usage)`);
    assert.equal(await refused({ extendedKeyUsage: ['2.5.29.37.0'] }), `${who} may not sign OCSP responses (extended key usage)`);
    assert.equal(await refused({ keyUsage: ['keyAgreement'] }), `${who} may not sign (key usage)`);
    assert.equal(await refused({ to: new Date(at - 1) }), `${who} is not valid now`);
    assert.equal(await refused({ from: new Date(at + 1000) }), `${who} is not valid now`);
    assert.equal(
      await refused({ extensions: [{ oid: '1.2.3', critical: true, der: writeNull() }] }),
      `${who} has a critical extension that is not understood`,
    );
    assert.equal(await refused({ hash: 'SHA-1' }), `${who} is signed with SHA-1`);
    assert.equal(
      await refused({ keyKind: 'RSA-1024' }),
      'its answer is signed by "CN=Signer", which has an RSA key of 1024 bits where 2048 are the least',
    );
    const twin = await makeAuthority();
    const ofTwin = await makeClient(twin, {}, { commonName: 'Signer', extendedKeyUsage: [ocspSigning] });
    assert.equal(judged({ signer: ofTwin, certificates: [ofTwin] }), `${who} "CN=Client CA" did not issue`);
    const changed = 'its answer was not signed by the key of "CN=Client CA", or was changed since';
    assert.equal(judged({ signer: twin, byName: true }), changed);
    assert.equal(judged({ signer: twin, responder: ca }), changed);
    assert.equal(judged({ signer: client, responder: ca, certificates: [client] }), changed);
  });

  it('takes no signature over a hash that can be forged', () => {
    assert.equal(judged({ algorithm: { oid: '1.2.840.10045.4.1', hash: 'sha1' } }), 'its answer is signed with SHA-1');
    assert.equal(judged({ algorithm: { oid: '1.2.840.113549.1.1.4', hash: 'sha256' } }), 'its answer is signed with MD5');
  });

  it('takes no critical extension that it does not understand', () => {
    const odd = { oid: '1.2.3', critical: true, der: writeOctetString(Buffer.of(1)) };
    const fault = 'its answer has a critical extension that is not understood (1.2.3)';
    assert.deepEqual([judged({ extensions: [odd] }), judged({ answerExtensions: [odd] })], [fault, fault]);
    assert.deepEqual(judged({ extensions: [{ ...odd, critical: false }], answerExtensions: [{ ...odd, critical: false }] }), good);
  });

  it('says why a responder has no answer', () => {
    assert.deepEqual(
      [1, 2, 3, 5, 6, 77].map((status) => judge(writeRefusal(status))),
      ['malformedRequest', 'internalError', 'tryLater', 'sigRequired', 'unauthorized', 'status 77'].map(
        (word) => `it has no answer (${word})`,
      ),
    );
  });

  it('reads no garbage', () => {
    const whole = writeOcspResponse(usual);
    const garbage = [
      '',
      '<html>',
      whole.subarray(1),
      whole.subarray(0, -1),
      Buffer.concat([whole, Buffer.of(0)]),
      writeRefusal(0),
      randomBytes(300),
    ];
    for (const bytes of garbage) {
      const answer = judge(Buffer.from(bytes));
      assert.match(typeof answer === 'string' ? answer : answer.status, /^its answer cannot be read as an OCSP response \(/);
    }
  });

  it('never finds good what was changed in any byte', async () => {
    const signer = await makeClient(ca, {}, { commonName: 'Signer', extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'] });
    for (const response of [
      writeOcspResponse({ ...usual, status: 'revoked' }),
      writeOcspResponse({ ...usual, signer, certificates: [signer], status: 'unknown' }),
    ]) {
      for (let index = 0; index < response.length; index += 1) {
        const bytes = Buffer.from(response);
        bytes[index] = (bytes[index] ?? 0) ^ (1 << (index % 8));
        const answer = judge(bytes);
        assert.ok(typeof answer === 'string' || answer.status !== 'good', `byte ${index}`);
      }
    }
  });

  it('takes nothing that was changed in any bit from its type on: what is signed, how, and the signature', () => {
    const whole = writeOcspResponse(usual);
    const taken: string[] = [];
    for (let index = whole.indexOf(writeOid('1.3.6.1.5.5.7.48.1.1')); index < whole.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(whole);
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        if (typeof judge(bytes) !== 'string') taken.push(`byte ${index}, bit ${bit}`);
      }
    }
    assert.deepEqual(taken, []);
  });
});
