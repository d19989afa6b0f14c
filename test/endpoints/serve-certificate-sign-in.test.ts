import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateMapping } from '../../src/certificate/certificate-mapping.ts';
import type { EndpointContext } from '../../src/endpoints/endpoint.ts';
import { outcomeReply } from '../../src/endpoints/outcome-reply.ts';
import { askCertificate } from '../../src/endpoints/serve-certificate-sign-in.ts';
import { headerValues } from '../../src/http/header-list.ts';
import type { ShownCertificate } from '../../src/identity/certificate-sign-in.ts';
import { leafOf, mappedTo } from '../identity/leaf-facts.ts';
import { endpointContext, now } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

const leaf = leafOf('a', now + 1000);
const certificate = { fingerprint: leaf.fingerprint, subject: leaf.subject, spkiHash: leaf.spkiHash, valid: true, leaf };
const mapped: CertificateMapping = { kind: 'mapped', identity: mappedTo('alice') };
const unmapped: CertificateMapping = { kind: 'not-mapped', detail: 'no-rule', explanation: 'EXPLANATION' };
const loading: CertificateMapping = { kind: 'loading', until: Promise.resolve() };

/** What identity is told of the connection. */
async function shownOf(further: Partial<EndpointContext>): Promise<ShownCertificate> {
  const { context } = endpointContext({ target: '/.pomerium/certificate_sign_in', isCertificateHost: true, further });
  let told: ShownCertificate | undefined;
  const ask: EndpointContext['identity']['askCertificate'] = async (_, shown) => {
    told = shown;
    return { kind: 'redirect', location: '/', setCookies: [] };
  };
  await askCertificate({ ...context, identity: { ...context.identity, askCertificate: ask } });
  return told ?? assert.fail();
}

function answers(...mappings: readonly CertificateMapping[]): () => CertificateMapping {
  const left = [...mappings];
  return () => left.shift() ?? assert.fail();
}

describe('/.pomerium/certificate_sign_in', () => {
  it('tells who the certificate stands for, waiting once where that has to be read', async () => {
    const expected = { kind: 'mapped', identity: mappedTo('alice'), leaf };
    assert.deepEqual(await shownOf({ certificate, certificateIdentity: answers(mapped) }), expected);
    assert.deepEqual(await shownOf({ certificate, certificateIdentity: answers(loading, mapped) }), expected);
  });

  it('tells that it stands for nobody, and why, for the log', async () => {
    assert.deepEqual(await shownOf({ certificate, certificateIdentity: answers(unmapped) }), unmapped);
  });

  it('takes an invalid certificate for none', async () => {
    const none = { kind: 'none' };
    assert.deepEqual(await shownOf({ certificate: { ...certificate, valid: false }, certificateIdentity: answers() }), none);
    assert.deepEqual(await shownOf({ certificate: undefined, certificateIdentity: answers() }), none);
    assert.deepEqual(await shownOf({ certificate }), none);
  });

  it('fails where it has to be waited for again, and never signs in by a guess', async () => {
    await assert.rejects(shownOf({ certificate, certificateIdentity: answers(loading, loading) }), /Cannot read the account/);
  });
});

describe('outcomeReply()', () => {
  const { inbound } = endpointContext({}).context;

  it('shows both ways to sign in as links, and sets the cookies', () => {
    const provider = 'https://auth.example/.pomerium/sign_in?a=1&b="';
    const reply = outcomeReply(
      { kind: 'choose', provider, certificate: 'https://certificate.example/x?y', setCookies: ['c=1', 'd=2'] },
      inbound,
    );
    const { status, main, tags } = readPage(reply);
    assert.equal(status, 200);
    assert.match(main, /^Sign in How do you want to sign in\? Use the identity provider Use a certificate /);
    assert.deepEqual(
      tags.filter((tag) => tag.startsWith('<a ')),
      [
        '<a class="button" href="https://auth.example/.pomerium/sign_in?a=1&amp;b=&quot;">',
        '<a class="button second" href="https://certificate.example/x?y">',
      ],
    );
    assert.deepEqual(headerValues(reply.headers, 'set-cookie'), ['c=1', 'd=2']);
  });

  it('leads back to the choice where a certificate does not do', () => {
    const reply = outcomeReply(
      {
        kind: 'refused',
        status: 403,
        reason: 'certificate-not-mapped',
        message: 'Nobody.',
        choice: 'https://auth.example/.pomerium/sign_in?z',
      },
      inbound,
    );
    const { status, main, tags } = readPage(reply);
    assert.match(main, /^403 The sign-in could not be completed Nobody\. What you can do Sign in another way\. .* Choose how to sign in$/);
    assert.deepEqual([status, tags.filter((tag) => tag.startsWith('<a '))], [403, ['<a href="https://auth.example/.pomerium/sign_in?z">']]);
    assert.doesNotMatch(String(reply.body), /certificate-not-mapped/);
  });
});
