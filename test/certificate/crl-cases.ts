import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { issueAuthority, issueClientCertificate } from '../../src/certificate/issue-certificate.ts';
import { writeInteger, writeNull, writeSequence } from '../../src/certificate/write-der.ts';
import { at, valid } from './frozen-times.ts';
import { derOf, extension, listOf, pemOf, reason, serialOf, versionOne, yesterday } from './written-crl.ts';

/** A leaf, the authorities it is judged against, the lists in force, and whether it is accepted. */
export interface CrlCase {
  readonly name: string;
  readonly leaf: Issued;
  readonly anchors: readonly Issued[];
  readonly lists: string;
  readonly accepted: boolean;
}

export async function crlCases(): Promise<readonly CrlCase[]> {
  const [root, namesake] = [await issueAuthority({ ...valid, commonName: 'Root' }), await issueAuthority({ ...valid, commonName: 'Root' })];
  const [alice, bob, ofNamesake] = await Promise.all(
    [root, root, namesake].map((ca) => issueClientCertificate(ca, { ...valid, commonName: 'alice' })),
  );
  if (alice === undefined || bob === undefined || ofNamesake === undefined) throw new Error('three authorities give three certificates');
  const one = (name: string, accepted: boolean, lists: string, more: Partial<CrlCase> = {}): CrlCase => ({
    name,
    accepted,
    lists,
    leaf: alice,
    anchors: [root],
    ...more,
  });
  const held = (code: number) => ({ revoked: [{ serial: serialOf(alice), at: yesterday, extensions: [reason(code)] }] });
  const tampered = Buffer.from(derOf(listOf(root, [alice])));
  tampered[tampered.indexOf(serialOf(alice)) + 3] = 0;
  const rsa = await issueAuthority({ ...valid, commonName: 'RSA Root', keyKind: 'RSA-2048' });
  const ofRsa = await issueClientCertificate(rsa, { ...valid, commonName: 'alice' });
  return [
    one('an empty list', true, listOf(root, [])),
    one('another one is on the list', true, listOf(root, [bob])),
    one('on the list', false, listOf(root, [bob, alice])),
    one('on a list of version 1', false, versionOne(root, [alice])),
    one('not on a list of version 1', true, versionOne(root, [bob])),
    one('on the list for a reason', false, listOf(root, [], held(1))),
    one('on hold', false, listOf(root, [], held(6))),
    one('a list that is overdue', false, listOf(root, [], { to: new Date(at - 60_000) })),
    one('a list that is not in force yet', false, listOf(root, [], { from: new Date(at + 60_000) })),
    one('a list that does not say when it ends', true, listOf(root, [], { to: undefined })),
    one('a list that was changed', false, pemOf(tampered)),
    one('a list with an unknown critical extension', false, listOf(root, [], { extensions: [extension('1.2.3.4', writeNull())] })),
    one(
      'a list with an unknown extension that is not critical',
      true,
      listOf(root, [], { extensions: [extension('1.2.3.4', writeNull(), false)] }),
    ),
    one('a delta list alone', false, listOf(root, [], { extensions: [extension('2.5.29.27', writeInteger(1))] })),
    one(
      'a list for some reasons',
      false,
      listOf(root, [], { extensions: [extension('2.5.29.28', writeSequence(Buffer.from('83020780', 'hex')))] }),
    ),
    one(
      'an entry with an unknown critical extension',
      false,
      listOf(root, [], {
        revoked: [{ serial: serialOf(bob), at: yesterday, extensions: [extension('1.2.3.4', writeNull())] }],
      }),
    ),
    one('two lists, the leaf on the newer one', false, listOf(root, []) + listOf(root, [alice], { number: 2n, from: new Date(at) })),
    one('two lists, the leaf on the older one', true, listOf(root, [alice]) + listOf(root, [], { number: 2n, from: new Date(at) })),
    one('two authorities of one name, on the list of its own', false, listOf(root, []) + listOf(namesake, [ofNamesake]), {
      leaf: ofNamesake,
      anchors: [root, namesake],
    }),
    one('a list signed with RSA', true, listOf(rsa, []), { leaf: ofRsa, anchors: [rsa] }),
    one('on a list signed with RSA', false, listOf(rsa, [ofRsa]), { leaf: ofRsa, anchors: [rsa] }),
    one('the list of a stranger only', true, listOf(rsa, [])),
  ];
}
