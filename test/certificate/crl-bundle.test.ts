import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CrlBundleResult, IssuedCrl } from '../../src/certificate/crl-bundle.ts';
import { olderThanInForce, readCrlBundle } from '../../src/certificate/crl-bundle.ts';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { writeDer, writeExplicit, writeInteger, writeNull, writeOid, writeSequence } from '../../src/certificate/write-der.ts';
import { at, valid } from './frozen-times.ts';
import { bundleOf } from './trust-of.ts';
import { derOf, extension, listFields, listOf, pemOf, reason, signedList, tomorrow, versionOne, yesterday } from './written-crl.ts';

const root = await issueAuthority({ ...valid, commonName: 'Root' });
const other = await issueAuthority({ ...valid, commonName: 'Other' });
const namesake = await issueAuthority({ ...valid, commonName: 'Root' });
const [alice, bob] = [await leafOf('alice'), await leafOf('bob')];

describe('readCrlBundle()', () => {
  const ed25519 = writeSequence(writeOid('1.3.101.112'));
  const harmless = extension('1.2.3.4', writeNull(), false);
  const list = (...extensions: readonly ReturnType<typeof extension>[]): string => listOf(root, [], { extensions });
  const entry = (...extensions: readonly ReturnType<typeof extension>[]): string =>
    listOf(root, [], { revoked: [{ serial: Buffer.of(5), at: yesterday, extensions }] });
  const scope = (tag: number, critical = true): string =>
    list(extension('2.5.29.28', writeSequence(writeDer(tag, Buffer.of(0xff))), critical));
  const changed = pemOf(Buffer.from(derOf(list()).toString('latin1').replace('260531120000Z', '260531120001Z'), 'latin1'));
  const [algorithm, name, ...dates] = listFields(root);

  // oxfmt-ignore
  const refused: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
    ['nothing', ' \n', /it is empty, expected at least one PEM block "X509 CRL"$/],
    ['text without a block', 'no list', /it holds no PEM block, expected at least one "X509 CRL"$/],
    ['a certificate', root.certificatePem, /block 1 of 1 is a "CERTIFICATE", expected "X509 CRL"$/],
    ['a certificate after a list', list() + root.certificatePem, /block 2 of 2 is a "CERTIFICATE"/],
    ['a private key', root.keyPem, /block 1 of 1 is a private key, which does not belong here/],
    ['a block cut short', list().slice(0, -30), /block 1 of 1 \("X509 CRL"\) is damaged/],
    ['a block that is no list', pemOf(writeSequence(writeNull())), /cannot be read as a revocation list/],
    ['bytes after the list', pemOf(Buffer.concat([derOf(list()), Buffer.of(0)])), /cannot be read as a revocation list/],
    ['a list that was changed', changed, /claims to be of "CN=Root" and was not signed by its key, or was changed since$/],
    ['a list of a namesake that names no key', listOf(namesake, [], { number: undefined }), /claims to be of "CN=Root"/],
    ['a list signed over SHA-1', listOf(root, [], { hash: 'SHA-1' }), /block 1 of 1 is signed with SHA-1/],
    ['a list of two minds about its algorithm', signedList(root, listFields(root), ed25519), /two signature algorithms/],
    ['a delta list', list(extension('2.5.29.27', writeInteger(1))), /is a delta list/],
    ['a delta list that is not critical', list(extension('2.5.29.27', writeInteger(1), false)), /is a delta list/],
    ['a list for one distribution point', scope(0xa0), /is one part of a list \(distributionPoint\)/],
    ['a list for people only', scope(0x81), /is one part of a list \(onlyContainsUserCerts\)/],
    ['a list for authorities only', scope(0x82), /\(onlyContainsCACerts\)/],
    ['a list for some reasons only', scope(0x83), /\(onlySomeReasons\)/],
    ['a list for other authorities too', scope(0x84), /\(indirectCRL\)/],
    ['a list for attribute certificates', scope(0x85), /\(onlyContainsAttributeCerts\)/],
    ['a part that is not critical', scope(0x81, false), /is one part of a list/],
    ['an unknown critical extension', list(extension('1.2.3.4', writeNull())), /critical extension that is not understood \(1\.2\.3\.4\)$/],
    ['an extension that comes twice', list(harmless, harmless), /extension 1\.2\.3\.4 twice/],
    ['an entry that is taken back', entry(reason(8)), /takes entries back \(removeFromCRL\)/],
    ['an entry of another authority', entry(extension('2.5.29.29', writeSequence())), /is an indirect list/],
    ['an entry of another authority that is not critical', entry(extension('2.5.29.29', writeSequence(), false)), /is an indirect list/],
    ['an entry with an unknown critical extension', entry(extension('1.2.3.4', writeNull())), /entry with a critical extension .*\(1\.2\.3\.4\)$/],
    ['a padded serial number', listOf(root, [], { revoked: [{ serial: Buffer.of(0, 5), at: yesterday }] }), /integer written longer than needed/],
    ['an entry without a date', signedList(root, [...listFields(root), writeSequence(writeSequence(writeInteger(5)))]), /an entry that is not known/],
    ['an entry extension in version 1', versionOne(root, [alice], [writeSequence()]), /extensions in a list of version 1/],
    ['a list extension in version 1', signedList(root, [...listFields(root), writeExplicit(0, writeSequence())]), /extensions in a list of version 1/],
    ['a version that is not known', signedList(root, [writeInteger(2), ...listFields(root)]), /a version that is not known/],
    ['a date that is none', signedList(root, [algorithm ?? ed25519, name ?? ed25519, writeDer(0x17, Buffer.from('260231000000Z'))]), /a date that is none/],
    ['a third date', signedList(root, [...listFields(root), ...dates]), /a field that is not known/],
  ];
  for (const [what, text, problem] of refused) {
    it(`refuses ${what}`, () => {
      const read = readOf(text, [root, other]);
      ok(!read.ok);
      match(read.message, /^Cannot use "crl\.pem" as revocation list: /);
      match(read.message, problem);
    });
  }

  it('refuses the list of an authority that may not sign lists', async () => {
    const mute = await issueAuthority({ ...valid, commonName: 'Mute', keyUsage: ['keyCertSign'] });
    const renewed = await issueAuthority({ ...valid, commonName: 'Mute', keyPem: mute.keyPem });
    const plain = await issueAuthority({ ...valid, commonName: 'Mute', keyPem: mute.keyPem, keyUsage: [] });
    match(textOf(readOf(listOf(mute, []), [mute])), /"CN=Mute", which may not sign revocation lists \(key usage without cRLSign\)$/);
    for (const anchor of [renewed, plain]) equal(readOf(listOf(mute, []), [mute, anchor]).ok, true);
  });

  it('reads one list or several, with text around them, and the numbers on them', () => {
    const text = `Certificate Revocation List:\n${listOf(root, [alice, bob], { number: 7n })}\n${versionOne(other, [])}`;
    const read = readOf(text, [root, other]);
    ok(read.ok, textOf(read));
    deepEqual(
      read.crls.lists.map(({ issuer, number, thisUpdate, nextUpdate, serials }) => [issuer, number, thisUpdate, nextUpdate, serials.size]),
      [
        ['CN=Root', 7n, yesterday.getTime(), tomorrow.getTime(), 2],
        ['CN=Other', undefined, yesterday.getTime(), tomorrow.getTime(), 0],
      ],
    );
    deepEqual(read.warnings, []);
  });

  it('takes reasons, holds, dates of invalidity, and extensions that need not be understood', () => {
    const revoked = [0, 1, 6, 10].map((code) => ({ serial: Buffer.of(code + 1), at: yesterday, extensions: [reason(code), harmless] }));
    const read = readOf(listOf(root, [], { revoked, extensions: [harmless] }), [root]);
    deepEqual(read.ok && read.crls.lists.map(({ serials }) => [...serials].toSorted()), [['\u0001', '\u0002', '\u0007', '\u000b']]);
  });

  it('takes a list that says of its scope that it covers everything', () => {
    equal(readOf(list(extension('2.5.29.28', writeSequence())), [root]).ok, true);
  });

  it('verifies every kind of key and hash that is accepted of certificates', async () => {
    for (const keyKind of ['P-384', 'P-521', 'Ed25519', 'RSA-2048'] as const) {
      const ca = await issueAuthority({ ...valid, commonName: 'Root', keyKind });
      equal(readOf(listOf(ca, []), [ca]).ok, true, keyKind);
    }
  });

  it('warns of a list whose authority is in no CA file, by name or by key, and leaves it without effect', () => {
    const read = readOf(listOf(namesake, [alice]) + listOf(other, []), [root]);
    deepEqual(read, {
      ok: true,
      crls: { id: read.ok ? read.crls.id : '', lists: [] },
      warnings: ['1 of 2 is of "CN=Root"', '2 of 2 is of "CN=Other"'].map(
        (what) =>
          `Revocation list "crl.pem": block ${what}, whose key is in no CA file: it has no effect, add the certificate of that authority to the CA file if it should`,
      ),
    });
  });

  it('tells authorities of one name apart by the key that signed', () => {
    const read = readOf(listOf(namesake, [bob]) + listOf(root, [alice]), [root, namesake]);
    deepEqual(
      read.ok && read.crls.lists.map(({ authority, serials }) => [authority.serial, serials.has(keyOf(alice)), serials.has(keyOf(bob))]),
      [
        [namesake.certificate.serialNumber, false, true],
        [root.certificate.serialNumber, true, false],
      ],
    );
    const unnamed = readOf(listOf(namesake, [bob], { number: undefined }), [root, namesake]);
    deepEqual(unnamed.ok && unnamed.crls.lists.map(({ authority }) => authority.serial), [namesake.certificate.serialNumber]);
  });

  it('looks for the authority in every bundle', () => {
    const read = readCrlBundle({ text: listOf(other, []), label: 'crl.pem', path: [] }, [bundleOf([root]), bundleOf([other])], at);
    deepEqual(read.ok && read.crls.lists.map(({ issuer }) => issuer), ['CN=Other']);
  });

  it('follows the higher number of two lists of one authority, wherever it stands and whatever its date, and tells so', () => {
    const [low, high] = [listOf(root, [alice], { number: 9n, from: new Date(at) }), listOf(root, [bob], { number: 10n })];
    for (const text of [low + high, high + low]) {
      const read = readOf(text, [root]);
      ok(read.ok);
      deepEqual(
        read.crls.lists.map(({ number }) => number),
        [10n],
      );
      match(
        read.warnings.join(),
        /^Revocation list "crl\.pem": the list number 9 of "CN=Root" of 2026-06-01T12.* is not used, because the list number 10 /,
      );
    }
  });

  it('follows the later of two lists that have no number, and refuses two that nothing tells apart', () => {
    const [early, late] = [yesterday, new Date(at)].map((from) =>
      listOf(root, from === yesterday ? [] : [alice], { number: undefined, from }),
    );
    const read = readOf(`${late}${early}`, [root]);
    deepEqual(read.ok && read.crls.lists.map(({ thisUpdate }) => thisUpdate), [at]);
    match(
      textOf(readOf(listOf(root, []) + listOf(root, [alice]), [root])),
      /two lists of "CN=Root" have the same number and date and differ/,
    );
    const same = listOf(root, []);
    deepEqual(readOf(same + same, [root]), readOf(same, [root]));
  });

  it('does not refuse a list that is out of date, and warns of it', () => {
    const warnings = [{ to: yesterday, from: yesterday }, { from: tomorrow }, { to: undefined }].map((options) => {
      const read = readOf(listOf(root, [], options), [root]);
      return read.ok ? read.warnings.join().replace(/^.*T12:00:00\.000Z (?=was|does)/, '') : read.message;
    });
    deepEqual(warnings, [
      'was due to be replaced at 2026-05-31T12:00:00.000Z: every certificate of that authority is refused until a newer list is written',
      'does not count before 2026-06-02T12:00:00.000Z: every certificate of that authority is refused until a newer list is written',
      'does not say when the next one is due, so that nobody notices when it is old',
    ]);
  });

  it('says until when a grace lets a list count that is overdue, and of several graces what is refused already', () => {
    const text = listOf(root, [], { to: yesterday, from: yesterday });
    const hour = 3_600_000;
    const warnings = [[48 * hour, 48 * hour], [48 * hour, 30 * hour], [0, 48 * hour], [hour, 2 * hour], []].map((graces) => {
      const read = readCrlBundle({ text, label: 'crl.pem', path: [] }, [bundleOf([root])], at, graces);
      return read.ok ? read.warnings.join().replace(/^.*to be replaced at 2026-05-31T12:00:00\.000Z/, '') : read.message;
    });
    const refusesAll = 'every certificate of that authority is refused until a newer list is written';
    deepEqual(warnings, [
      `: its grace (stale) lets it count until 2026-06-02T12:00:00.000Z, and from then on ${refusesAll}`,
      `: its grace (stale) lets it count until 2026-06-01T18:00:00.000Z where stale has the shortest grace, and from then on ${refusesAll}`,
      `: ${refusesAll}, except where stale has a longer grace, 2026-06-02T12:00:00.000Z at the latest`,
      `: ${refusesAll}`,
      '',
    ]);
  });

  it('has the same id for the same lists in any order, and another for others', () => {
    const [first, second, third] = [listOf(root, []), listOf(other, []), listOf(other, [bob], { number: 2n })];
    const ids = [first + second, second + first, first + third, first].map((text) => {
      const read = readOf(text, [root, other]);
      return read.ok ? read.crls.id : read.message;
    });
    deepEqual(
      ids.map((id) => ids.indexOf(id)),
      [0, 0, 2, 3],
    );
  });

  it('never throws, whatever byte of a list is changed, and believes none of them', () => {
    const der = derOf(listOf(root, [alice], { extensions: [harmless] }));
    for (let index = 0; index < der.length; index += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const changedDer = Buffer.from(der);
        changedDer[index] = (changedDer[index] ?? 0) ^ mask;
        const read = readOf(pemOf(changedDer), [root]);
        deepEqual(read.ok ? read.crls.lists : [], [], `byte ${index}`);
      }
    }
  });
});

describe('olderThanInForce()', () => {
  const inForce = listsOf(listOf(root, [alice], { number: 7n }) + listOf(other, [], { number: 3n }));
  const earlier = new Date(yesterday.getTime() - 60_000);

  it('refuses a list with a lower number than the one in force, and says what to do', () => {
    equal(
      olderThanInForce({ id: '', lists: listsOf(listOf(root, [], { number: 6n, from: new Date(at) })) }, inForce),
      'Cannot use the list number 6 of "CN=Root" of 2026-06-01T12:00:00.000Z: it is older than the list number 7 of "CN=Root" of 2026-05-31T12:00:00.000Z, ' +
        'which is in force, so write the newest list of that authority, or start Postern anew if its numbers begin again',
    );
  });

  it('refuses an earlier one of the same number, or where one of the two has none', () => {
    for (const [older, current] of [
      [listOf(root, [], { number: 7n, from: earlier }), inForce],
      [listOf(root, [], { number: undefined, from: earlier }), inForce],
      [listOf(root, [], { number: 8n, from: earlier }), listsOf(listOf(root, [], { number: undefined }))],
      [versionOne(root, []), listsOf(listOf(root, [alice], { number: undefined, from: new Date(at) }))],
    ] as const)
      match(olderThanInForce({ id: '', lists: listsOf(older) }, current) ?? '', /^Cannot use the list .* is older than the list /);
  });

  it('lets through what is newer, the same, of an authority that had none, and no list at all', () => {
    const third = listOf(namesake, [], { number: 1n });
    for (const next of [
      listOf(root, [], { number: 8n, from: earlier }),
      listOf(root, [alice], { number: undefined, from: new Date(at) }),
      third,
      listOf(other, [], { number: 4n }),
    ])
      equal(olderThanInForce({ id: '', lists: listsOf(next) }, inForce), undefined);
    equal(olderThanInForce({ id: '', lists: inForce }, inForce), undefined);
    equal(olderThanInForce({ id: '', lists: [] }, inForce), undefined);
    equal(olderThanInForce({ id: '', lists: inForce }, []), undefined);
  });
});

function listsOf(text: string): readonly IssuedCrl[] {
  const read = readOf(text, [root, other, namesake]);
  return read.ok ? read.crls.lists : [];
}

function leafOf(commonName: string): Promise<Issued> {
  return issueClientCertificate(root, { ...valid, commonName });
}

function keyOf({ certificate }: Issued): string {
  return Buffer.from(certificate.serialNumber, 'hex').toString('latin1');
}

function readOf(text: string, anchors: readonly Issued[]): CrlBundleResult {
  return readCrlBundle({ text, label: 'crl.pem', path: [] }, [bundleOf(anchors)], at);
}

function textOf(read: CrlBundleResult): string {
  return read.ok ? read.warnings.join('\n') : read.message;
}
