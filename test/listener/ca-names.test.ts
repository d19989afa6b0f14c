import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, describe, it } from 'node:test';
import type { Connection } from '../../src/http/connection.ts';
import type { Hostname } from '../../src/http/hostname.ts';
import { parseHostname } from '../../src/http/hostname.ts';
import type { HandshakeOutcome } from '../../src/listener/listener-handlers.ts';
import type { TlsGroups } from '../../src/listener/tls-groups.ts';
import type { TestAuthority, TestCertificate } from './make-certificates.ts';
import { makeAuthority, makeClient } from './make-certificates.ts';
import { exchangeRaw } from './raw-client.ts';
import type { HandshakeRules, HostSpec, TestPki } from './start-listener.ts';
import { makeGroups, makePki, sendText, startListener } from './start-listener.ts';

const request = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';

/** `send_ca_names: false`: the TLS layer knows no authority, so what it says means nothing. */
describe('sendCaNames: false', () => {
  let pki: TestPki;
  let middle: TestAuthority;
  let below: TestAuthority;
  let carol: TestCertificate;

  before(async () => {
    pki = await makePki();
    middle = await makeAuthority('Middle', pki.a);
    below = await makeAuthority('Below', middle);
    carol = await makeClient('carol', below);
  });

  function groupsOf(rules: Partial<HandshakeRules> = { sendCaNames: false }): TlsGroups {
    const hosts: readonly HostSpec[] = [
      ['a.test', 'request', pki.a],
      ['strict.test', 'require', pki.a],
      ['plain.test', 'none'],
    ];
    return makeGroups(pki, hosts, [], rules);
  }

  function idsOf(rules: Partial<HandshakeRules>): readonly string[] {
    return ['a.test', 'strict.test', 'plain.test'].map((host) => groupsOf(rules).groupFor(name(host)).id);
  }

  it('asks and names nobody', async () => {
    for (const [rules, names] of [
      [{}, 'Acceptable client certificate CA names'],
      [{ sendCaNames: false }, 'No client certificate CA names sent'],
    ] as const) {
      await using server = await startListener({ groups: groupsOf(rules) });
      for (const version of ['-tls1_2', '-tls1_3'])
        for (const [host, asked] of [
          ['a.test', true],
          ['plain.test', false],
        ] as const) {
          const seen = await openssl(server.port, version, '-servername', host);
          const expected = asked ? names : 'No client certificate CA names sent';
          assert.deepEqual([seen.includes(expected), seen.includes('Requested Signature Algorithms')], [true, asked], `${host} ${version}`);
        }
    }
  });

  it('captures every certificate that was presented, and no verdict of the TLS layer', async () => {
    const seen: Connection[] = [];
    await using server = await startListener({
      groups: groupsOf(),
      onRequest({ inbound, sink }) {
        seen.push(inbound.connection);
        sendText(sink, '');
      },
    });
    const [leaf, last] = [carol.certificatePem, below.certificatePem];
    const chains = [leaf, `${leaf}\n${last}\n${middle.certificatePem}`, `${leaf}\n${middle.certificatePem}\n${last}`];
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const cert of chains) await exchangeRaw(server.port, request, { servername: 'a.test', cert, key: carol.keyPem, maxVersion });
    const shown = seen.map(({ certificate }) =>
      certificate.kind === 'none'
        ? []
        : [certificate.tlsVerdict, certificate.leaf.subject, new Set(certificate.chain.map((one) => one.subject))],
    );
    const further = new Set(['CN=Below', 'CN=Middle']);
    const ofOneVersion = [new Set<string>(), further, further].map((chain) => [undefined, 'CN=carol', chain]);
    assert.deepEqual(shown, [...ofOneVersion, ...ofOneVersion]);
  });

  it('leaves it to our own judge whom a host lets in that requires a certificate, and serves nothing before', async () => {
    const served: string[] = [];
    const judged: (string | undefined)[] = [];
    await using server = await startListener({
      groups: groupsOf(),
      judgeHandshake({ certificate }) {
        const subject = certificate.kind === 'none' ? undefined : certificate.leaf.subject;
        judged.push(subject);
        return subject === 'CN=alice' ? undefined : `not ${subject ?? 'without a certificate'}`;
      },
      onRequest({ inbound, sink }) {
        served.push(inbound.connection.certificate.kind);
        sendText(sink, '');
      },
    });
    const clients = [undefined, pki.bob, pki.alice];
    const answers: string[] = [];
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const client of clients) {
        const identity = client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem };
        // With TLS 1.2 the client is cut off within its handshake, with TLS 1.3 it takes it for done.
        const answer = exchangeRaw(server.port, request, { servername: 'strict.test', maxVersion, ...identity }).catch(() => '');
        answers.push((await answer).slice(0, 12));
      }
    const once = ['', '', 'HTTP/1.1 200'];
    assert.deepEqual(answers, [...once, ...once]);
    assert.deepEqual(served, ['presented', 'presented']);
    assert.deepEqual(judged, [undefined, 'CN=bob', 'CN=alice', undefined, 'CN=bob', 'CN=alice']);
    const outcomes = [
      ['refused', 'not without a certificate'],
      ['refused', 'not CN=bob'],
      ['ok', undefined],
    ];
    assert.deepEqual(server.outcomes.map(resultOf), [...outcomes, ...outcomes]);
  });

  it('makes other groups of the hosts that ask: what the TLS layer once said does not outlive the reload that silenced it', () => {
    const usual = idsOf({});
    assert.deepEqual(
      [{ sendCaNames: false }, { allowPartialChain: false }, {}].map((rules) => idsOf(rules).map((id, index) => id === usual[index])),
      [
        [false, false, true],
        [false, false, true],
        [true, true, true],
      ],
    );
  });
});

describe('allowPartialChain: false', () => {
  it('has the TLS layer take self-signed anchors alone for the end of a path', async () => {
    const pki = await makePki();
    const middle = await makeAuthority('Middle', pki.a);
    const carol = await makeClient('carol', middle);
    const verdicts: unknown[] = [];
    for (const allowPartialChain of [true, false]) {
      const groups = makeGroups(pki, [['a.test', 'request', middle]], [], { allowPartialChain });
      await using server = await startListener({
        groups,
        onRequest({ inbound: { connection }, sink }) {
          verdicts.push(connection.certificate.kind === 'presented' && connection.certificate.tlsVerdict);
          sendText(sink, '');
        },
      });
      await exchangeRaw(server.port, request, { servername: 'a.test', cert: carol.certificatePem, key: carol.keyPem });
    }
    assert.deepEqual(verdicts, [undefined, 'UNABLE_TO_GET_ISSUER_CERT']);
  });
});

function name(text: string): Hostname {
  return parseHostname(text) ?? assert.fail();
}

/** Both outputs; the input is one request. */
function openssl(port: number, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...args], (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end(request);
  });
}

function resultOf({ result, reason }: HandshakeOutcome): readonly unknown[] {
  return [result, reason];
}
