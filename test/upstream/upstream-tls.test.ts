import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import {
  issueAuthority,
  issueClientCertificate,
  issueIntermediate,
  issueServerCertificate,
} from '../../src/certificate/issue-certificate.ts';
import { createPool } from '../../src/upstream/create-pool.ts';
import { createOutgoingFetch } from '../../src/upstream/outgoing-fetch.ts';
import type { TrustedRoots, UpstreamTls } from '../../src/upstream/upstream-tls.ts';
import { plainTls, publicRoots } from '../../src/upstream/upstream-tls.ts';
import { inboundOf } from './example-request.ts';
import { failureCode, forward, routeOf } from './forwarding.ts';
import type { TlsUpstream } from './tls-upstream.ts';
import { openTls } from './tls-upstream.ts';
import { openFront, openRawClient } from './upgrade-front.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };
const past = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2021-01-01T00:00:00Z') };

/** What a request and an upgrade come to, in this order: both are held to the same. */
async function outcomes({ port }: TlsUpstream, given: Partial<UpstreamTls>, host = 'localhost'): Promise<readonly string[]> {
  const tls = { ...plainTls, ...given };
  await using pool = createPool({ to: [{ url: new URL(`https://${host}:${port}`), weight: 1 }], tls });
  const run = forward(routeOf(pool), inboundOf());
  const code = await failureCode(run);
  await using front = await openFront(routeOf(pool));
  const answer = await openRawClient(front.port).closed;
  return [code === 'done 200 whole' ? run.sink.body : code, answer.slice(answer.lastIndexOf('\r\n\r\n') + 4)].map((text) =>
    text.replace(`:${port}`, ''),
  );
}

describe('the TLS of an upstream', () => {
  let ca: Issued;
  let other: Issued;
  let trusting: { readonly roots: TrustedRoots };
  before(async () => {
    ca = await issueAuthority({ commonName: 'Upstream CA', ...validity });
    other = await issueAuthority({ commonName: 'Other CA', ...validity });
    trusting = { roots: { kind: 'only', authorities: [ca.certificatePem] } };
  });

  const server = (names: { readonly dnsNames?: string[]; readonly ipAddresses?: string[] }, when = validity): Promise<Issued> =>
    issueServerCertificate(ca, { commonName: 'x', ...names, ...when });

  it('trusts the CAs of the route instead of the public roots, or those beside them', async () => {
    await using upstream = await openTls(await server({ dnsNames: ['localhost'] }));
    const further: TrustedRoots = { kind: 'public', further: [other.certificatePem, ca.certificatePem] };
    const stranger: TrustedRoots = { kind: 'only', authorities: [other.certificatePem] };
    assert.deepEqual(await outcomes(upstream, trusting), ['localhost localhost', 'localhost localhost']);
    assert.deepEqual(await outcomes(upstream, { roots: further }), ['localhost localhost', 'localhost localhost']);
    const answered = upstream.requests();
    for (const roots of [publicRoots, stranger]) assert.deepEqual(await outcomes(upstream, { roots }), ['upstream-tls', 'upstream-tls']);
    assert.equal(upstream.requests(), answered);
  });

  it('does not trust the public roots beside the CAs of the route', async () => {
    const roots = getCACertificates('default');
    setDefaultCACertificates([...roots, ca.certificatePem]);
    after(() => setDefaultCACertificates(roots));
    await using upstream = await openTls(await server({ dnsNames: ['localhost'] }));
    const only: TrustedRoots = { kind: 'only', authorities: [other.certificatePem] };
    assert.deepEqual(await outcomes(upstream, { roots: { ...publicRoots } }), ['localhost localhost', 'localhost localhost']);
    assert.deepEqual(await outcomes(upstream, { roots: only }), ['upstream-tls', 'upstream-tls']);
  });

  it('takes a server’s own certificate, or an intermediate, for the end of a path', async () => {
    const intermediate = await issueIntermediate(ca, { commonName: 'Intermediate', ...validity });
    const issued = await issueServerCertificate(intermediate, { commonName: 'x', dnsNames: ['localhost'], ...validity });
    await using upstream = await openTls(issued);
    for (const pem of [intermediate.certificatePem, issued.certificatePem])
      assert.equal((await outcomes(upstream, { roots: { kind: 'only', authorities: [pem] } }))[0], 'localhost localhost');
  });

  it('compares the certificate with the host of `to`, or with the name of the route', async () => {
    await using upstream = await openTls(await server({ dnsNames: ['app.internal'] }));
    assert.deepEqual(await outcomes(upstream, trusting), ['upstream-tls', 'upstream-tls']);
    const named = { ...trusting, serverName: 'app.internal' };
    for (const host of ['localhost', '127.0.0.1'])
      assert.deepEqual(await outcomes(upstream, named, host), [`app.internal ${host}`, `app.internal ${host}`]);
    const misnamed = { ...trusting, serverName: 'localhost' };
    assert.deepEqual(await outcomes(upstream, misnamed), ['upstream-tls', 'upstream-tls']);
  });

  it('compares an address with the addresses in the certificate, and sends none as SNI', async () => {
    await using upstream = await openTls(await server({ ipAddresses: ['127.0.0.1'], dnsNames: ['app.internal'] }));
    assert.deepEqual(await outcomes(upstream, trusting, '127.0.0.1'), ['false 127.0.0.1', 'false 127.0.0.1']);
    const named = { ...trusting, serverName: '127.0.0.1' };
    assert.deepEqual((await outcomes(upstream, named))[0], 'localhost localhost');
    assert.deepEqual(await outcomes(upstream, { ...trusting, serverName: '127.0.0.2' }), ['upstream-tls', 'upstream-tls']);
  });

  it('refuses an expired certificate', async () => {
    await using upstream = await openTls(await server({ dnsNames: ['localhost'] }, past));
    assert.deepEqual([await outcomes(upstream, trusting), upstream.requests()], [['upstream-tls', 'upstream-tls'], 0]);
  });

  it('looks at nothing where the route says so, not even with the CAs of somebody else', async () => {
    await using upstream = await openTls(await server({ dnsNames: ['elsewhere.example'] }, past));
    for (const roots of [publicRoots, { kind: 'only', authorities: [other.certificatePem] } as const])
      assert.deepEqual(await outcomes(upstream, { skipVerify: true, roots }), ['localhost localhost', 'localhost localhost']);
  });

  it('presents the certificate of the route to an upstream that asks for one', async () => {
    const { certificatePem, keyPem } = await issueClientCertificate(other, { commonName: 'postern', ...validity });
    await using upstream = await openTls(await server({ dnsNames: ['localhost'] }), { clientCa: other.certificatePem });
    const known = await outcomes(upstream, { ...trusting, client: { certificatePem, keyPem } });
    assert.deepEqual(known, ['localhost localhost CN=postern', 'localhost localhost CN=postern']);
    assert.deepEqual([await outcomes(upstream, trusting), upstream.requests()], [['upstream-tls', 'upstream-tls'], 2]);
  });

  it('judges a resumed connection like the first', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await using upstream = await openTls(await server({ dnsNames: ['app.internal'] }), { maxVersion });
      const to = [{ url: new URL(`https://localhost:${upstream.port}`), weight: 1 }];
      await using pool = createPool({ to, tls: { ...plainTls, ...trusting } });
      const codes = [];
      for (let attempt = 0; attempt < 3; attempt += 1) codes.push(await failureCode(forward(routeOf(pool), inboundOf())));
      assert.deepEqual([codes, upstream.requests()], [['upstream-tls', 'upstream-tls', 'upstream-tls'], 0]);
    }
  });

  it('speaks TLS 1.2 and nothing older', async () => {
    const certificate = await server({ dnsNames: ['localhost'] });
    await using current = await openTls(certificate, { maxVersion: 'TLSv1.2' });
    assert.deepEqual(await outcomes(current, trusting), ['localhost localhost', 'localhost localhost']);
    await using old = await openTls(certificate, { maxVersion: 'TLSv1.1' });
    assert.deepEqual([await outcomes(old, trusting), old.requests()], [['upstream-tls', 'upstream-tls'], 0]);
  });
});

describe('createOutgoingFetch()', () => {
  it('trusts the configured authority beside the public roots, and nobody else', async () => {
    const ca = await issueAuthority({ commonName: 'Provider CA', ...validity });
    await using provider = await openTls(await issueServerCertificate(ca, { commonName: 'x', dnsNames: ['localhost'], ...validity }));
    const trusting = createOutgoingFetch({ roots: { kind: 'public', further: [ca.certificatePem] } });
    const answer = await trusting(`https://localhost:${provider.port}/`);
    assert.equal(await answer.text(), `localhost localhost:${provider.port}`);
    await assert.rejects(createOutgoingFetch({ roots: publicRoots })(`https://localhost:${provider.port}/`));
    await assert.rejects(trusting(`https://127.0.0.1:${provider.port}/`));
    assert.equal(provider.requests(), 1);
  });
});
