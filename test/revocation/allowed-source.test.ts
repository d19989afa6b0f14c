import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSource, readAllowedHosts } from '../../src/revocation/allowed-source.ts';

const hosts = readAllowedHosts(['crl.corp.example', '*.pki.example', '10.1.2.3', '[2001:db8::1]', '2001:DB8:0::2', 'bad host']);

function explanationOf(url: string): string | undefined {
  const check = checkSource(url, hosts);
  return check.ok ? undefined : check.explanation;
}

describe('checkSource()', () => {
  it('allows hosts of the configuration on any port, wildcards for every name below', () => {
    const found = [
      'http://crl.corp.example/a.crl?x=1#y',
      'HTTPS://CRL.Corp.Example.:8443/',
      'http://a.b.pki.example/',
      'http://10.1.2.3:8080/x',
      'http://0xa.1.2.3/x',
      'http://[2001:db8::1]:81/x',
      'http://[2001:db8:0:0::2]/x',
    ].map((url) => {
      const check = checkSource(url, hosts);
      return check.ok ? [check.source.shown, check.source.onlyPublic] : check.explanation;
    });
    assert.deepEqual(found, [
      ['http://crl.corp.example/a.crl', false],
      ['https://crl.corp.example.:8443/', false],
      ['http://a.b.pki.example/', true],
      ['http://10.1.2.3:8080/x', false],
      ['http://10.1.2.3/x', false],
      ['http://[2001:db8::1]:81/x', false],
      ['http://[2001:db8::2]/x', false],
    ]);
  });

  it('refuses every other host', () => {
    const others = [
      'http://169.254.169.254/latest/meta-data',
      'http://127.0.0.1/',
      'http://localhost/',
      'http://crl.corp.example.evil.example/',
      'http://evil.example/crl.corp.example',
      'http://evil.example\\crl.corp.example/',
      'http://pki.example/',
      'http://xpki.example/',
      'http://corp.example/',
      'http://10.1.2.30/',
      'http://[::ffff:10.1.2.3]/',
      'http://[::1]/',
    ];
    assert.deepEqual(
      others.filter((url) => explanationOf(url) !== 'its host is not among `allowed_hosts`'),
      [],
    );
  });

  it('refuses what is no plain address on the web', () => {
    assert.deepEqual(
      [
        'ldap:///CN=CA?certificateRevocationList',
        'file:///etc/passwd',
        'ftp://crl.corp.example/a.crl',
        'http://user@crl.corp.example/',
        'http://:secret@crl.corp.example/',
        'http://crl.corp.example@evil.example/',
        'http://crl.corp.\nexample/',
        'http://crl.corp.example/\u00e9',
        ' http://crl.corp.example/',
        '//crl.corp.example/',
        '',
        `http://crl.corp.example/${'x'.repeat(2048)}`,
        'http://crl_.c%20orp.example/',
      ].map(explanationOf),
      [
        'it is neither http:// nor https://',
        'it is neither http:// nor https://',
        'it is neither http:// nor https://',
        'it holds user information',
        'it holds user information',
        'it holds user information',
        'it is no URL',
        'it is no URL',
        'it is no URL',
        'it is no URL',
        'it is no URL',
        'it is no URL',
        'it is no URL',
      ],
    );
  });

  it('refuses a link-local address, also where the configuration names it', () => {
    const addresses = ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254'];
    const named = ['169.254.169.254', '2852039166', '[fe80::1]', '[::ffff:a9fe:a9fe]'].map((host) => {
      const check = checkSource(`http://${host}/latest/meta-data`, readAllowedHosts(addresses));
      return check.ok || check.explanation;
    });
    assert.deepEqual(named, Array(4).fill('its address is link-local'));
  });

  it('lets no wildcard stand for an address', () => {
    assert.equal(checkSource('http://127.0.0.1/', readAllowedHosts(['*', '*.0.0.1', '*.1'])).ok, false);
    assert.equal(checkSource('http://[::1]/', readAllowedHosts(['*'])).ok, false);
  });
});
