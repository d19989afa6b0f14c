import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Issued } from '../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../src/certificate/issue-certificate.ts';
import { compileOutgoing } from '../src/compile-outgoing.ts';
import type { RouteActionSettings, UpstreamTlsSettings } from '../src/config/action-settings.ts';
import type { NamedText, RouteSettings } from '../src/config/settings.ts';
import { plainTls } from '../src/upstream/upstream-tls.ts';

const validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2100-01-01T00:00:00Z') };
const nothing: UpstreamTlsSettings = { skipVerify: false, serverName: undefined, ca: undefined, clientCertificate: undefined };

function routeWith(tls: Partial<UpstreamTlsSettings>): RouteSettings {
  const action = { kind: 'forward', tls: { ...nothing, ...tls } } as RouteActionSettings;
  return { action } as RouteSettings;
}

function text(pem: string, key: string): NamedText {
  return { text: pem, label: `${key}.pem`, path: [key] };
}

describe('compileOutgoing()', () => {
  let ca: Issued;
  let client: Issued;
  before(async () => {
    ca = await issueAuthority({ commonName: 'CA', ...validity });
    client = await issueClientCertificate(ca, { commonName: 'client', ...validity });
  });

  it('gives a route its own authorities, and every other one those of all', () => {
    const own = routeWith({ ca: text(ca.certificatePem, 'own'), serverName: 'x', skipVerify: true });
    const shared = routeWith({});
    const also = routeWith({});
    const pem = ca.certificate.toString();
    const outgoing = compileOutgoing({ certificateAuthority: text(ca.certificatePem, 'all'), routes: [own, shared, also] });
    assert.deepEqual(outgoing.problems, []);
    assert.deepEqual(outgoing.roots, { kind: 'public', further: [pem] });
    assert.deepEqual(outgoing.tlsOf(own), {
      skipVerify: true,
      serverName: 'x',
      roots: { kind: 'only', authorities: [pem] },
      client: undefined,
    });
    assert.deepEqual(outgoing.tlsOf(shared), { ...plainTls, roots: outgoing.roots });
    // One and the same object: what it costs to load the public roots is paid once.
    assert.equal(outgoing.tlsOf(shared).roots, outgoing.tlsOf(also).roots);
  });

  it('tells of everything that is broken, where nothing is verified too, and trusts nobody in its place', () => {
    const pair = { certificate: text(client.certificatePem, 'cert'), key: text(ca.keyPem, 'key') };
    const broken = routeWith({ ca: text('', 'empty'), skipVerify: true, clientCertificate: pair });
    const outgoing = compileOutgoing({ certificateAuthority: text(`${ca.certificatePem}-----BEGIN`, 'all'), routes: [broken] });
    assert.deepEqual(
      outgoing.problems.map(({ code, path, message }) => [code, path, message.slice(0, 60)]),
      [
        ['invalid-value', ['all'], 'Cannot trust "all.pem": block 2 of 2 ("-----BEGIN") is damag'],
        ['invalid-value', ['empty'], 'Cannot trust "empty.pem": it is empty, expected at least one'],
        ['invalid-value', ['key'], 'Cannot present the certificate "cert.pem": its key "key.pem"'],
      ],
    );
    assert.deepEqual(outgoing.tlsOf(broken).roots, { kind: 'only', authorities: [] });
  });
});
