import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderList } from '../../src/http/header-list.ts';
import { headerValue } from '../../src/http/header-list.ts';
import type { CertificateLink } from '../../src/identity/certificate-link.ts';
import { leafOf } from '../identity/leaf-facts.ts';
import type { Asked } from './endpoint-context.ts';
import { alice, ask, now } from './endpoint-context.ts';
import { readPage } from './read-page.ts';

const target = '/.pomerium/certificates';
const authority = 'certificate.example';
const certificateUrl = new URL('https://certificate.example/');
const own: HeaderList = ['Sec-Fetch-Site', 'same-origin'];
const leaf = leafOf('a', now + 86_400_000);
const { fingerprint, subject, spkiHash } = leaf;
const certificate = { fingerprint, subject, spkiHash, valid: true, leaf };
const linkForm = `${target}?form=${alice.sessionId ?? ''}.link.${fingerprint}`;
const unlinkForm = `${target}?form=${alice.sessionId ?? ''}.unlink.${'b'.repeat(64)}`;

const other: CertificateLink = {
  fingerprint: 'b'.repeat(64),
  subject: 'CN=<b>',
  issuer: 'CN=Example CA',
  notAfter: now + 86_400_000,
  linkedAt: now,
  lastUsedAt: now,
};

const asAlice: Asked = {
  target,
  authority,
  isCertificateHost: true,
  person: alice,
  links: [other],
  further: { certificateUrl, certificate },
};

function buttonsOf(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => /^<(?:form|button)\b/.test(tag));
}

describe('/.pomerium/certificates', () => {
  it('shows what is linked and what can be linked, each with a button', async () => {
    const page = readPage((await ask(asAlice)).reply);
    assert.equal(
      page.main,
      'Your certificates A certificate that is linked to your account stands for you wherever an application accepts it. ' +
        'You are signed in as alice@example.com. ' +
        'Linked certificates Subject CN=<b> Issuer CN=Example CA Expires 3 January 2026 at 03:04 UTC ' +
        `Last used 2 January 2026 at 03:04 UTC Fingerprint ${'b'.repeat(64)} Unlink ` +
        'The certificate of your browser Subject CN=a,O=Example Issuer CN=Example CA Expires 3 January 2026 at 03:04 UTC ' +
        `Fingerprint ${fingerprint} SHA-256 of the certificate Link What is known about you`,
    );
    assert.deepEqual(buttonsOf(page.tags), [
      `<form method="post" action="${unlinkForm}">`,
      '<button type="submit" aria-label="Unlink CN=&lt;b&gt;">',
      `<form method="post" action="${linkForm}">`,
      '<button type="submit" aria-label="Link this certificate">',
    ]);
  });

  const without: readonly [what: string, asked: Partial<Asked>, says: RegExp][] = [
    ['no certificate is shown', { further: { certificateUrl } }, /Your browser showed no certificate\./],
    [
      'the certificate is not valid',
      { further: { certificateUrl, certificate: { ...certificate, valid: false } } },
      /is not accepted here/,
    ],
    ['it is linked already', { links: [{ ...other, fingerprint }] }, /It is one of those above\./],
    ['the session was begun with a certificate', { mayLink: false }, /sign out and sign in at your identity provider/],
  ];
  for (const [what, asked, says] of without)
    it(`has no button to link where ${what}`, async () => {
      const { main, tags } = readPage((await ask({ ...asAlice, ...asked })).reply);
      assert.match(main, says);
      assert.equal(buttonsOf(tags).filter((tag) => tag.includes('.link.')).length, 0);
    });

  it('says so where nothing is linked, never was used, or has no name', async () => {
    const nothing = readPage((await ask({ ...asAlice, links: [] })).reply);
    assert.match(nothing.main, /No certificate is linked to your account\./);
    const bare = readPage((await ask({ ...asAlice, links: [{ ...other, subject: '', lastUsedAt: undefined }] })).reply);
    assert.match(bare.main, /Subject Without a subject .* Last used Never /);
  });

  it('is on the certificate host alone: other hosts lead there, and without one there is no such page', async () => {
    const elsewhere = (await ask({ ...asAlice, authority: 'app.example', isCertificateHost: false })).reply;
    const nowhere = (await ask({ ...asAlice, further: {} })).reply;
    assert.deepEqual(
      [elsewhere.status, headerValue(elsewhere.headers, 'location'), nowhere.status],
      [302, 'https://certificate.example/.pomerium/certificates', 404],
    );
  });

  it('sends a stranger to sign in, and a form of a session that is over back to the page', async () => {
    const stranger = { ...asAlice, person: undefined };
    const [get, post] = [(await ask(stranger)).reply, (await ask({ ...stranger, method: 'POST', headers: own })).reply];
    assert.deepEqual(
      [get.status, headerValue(get.headers, 'location'), post.status, headerValue(post.headers, 'location')],
      [302, 'https://auth.example/.pomerium/sign_in?x', 303, target],
    );
  });

  it('links and unlinks what the form was about, and shows the page', async () => {
    for (const [form, call] of [
      [linkForm, `link ${fingerprint}`],
      [unlinkForm, `unlink ${'b'.repeat(64)} from alice-id`],
    ] as const) {
      const { reply, calls } = await ask({ ...asAlice, target: form, method: 'POST', headers: own });
      assert.deepEqual([reply.status, headerValue(reply.headers, 'location'), calls], [303, target, [call]]);
    }
  });

  it('tells a second person that the certificate belongs to another account, and not to whose', async () => {
    const { reply } = await ask({ ...asAlice, target: linkForm, method: 'POST', headers: own, linkResult: 'of-another' });
    const { status, main } = readPage(reply);
    assert.equal(status, 409);
    assert.match(main, /^409 This certificate belongs to another account/);
  });

  const refused: readonly [what: string, asked: Partial<Asked>, status: number][] = [
    ['a page of another site', { headers: ['Sec-Fetch-Site', 'cross-site'] }, 403],
    ['a page of a neighbour', { headers: ['Sec-Fetch-Site', 'same-site', 'Origin', 'https://certificate.example'] }, 403],
    ['two words about where it comes from', { headers: [...own, 'Sec-Fetch-Site', 'same-origin'] }, 403],
    ['another origin, in an older browser', { headers: ['Origin', 'https://app.example'] }, 403],
    ['no origin', { headers: ['Origin', 'null'] }, 403],
    ['something that says nothing about where it comes from', { headers: [] }, 403],
    ['no form', { target }, 403],
    ['the form of another session', { target: `${target}?form=OTHER.link.${fingerprint}` }, 403],
    ['two forms', { target: `${linkForm}&form=x` }, 403],
    ['a session that was begun with a certificate', { mayLink: false }, 403],
    [
      'a connection with another certificate than the page was about',
      { further: { certificateUrl, certificate: { ...certificate, leaf: leafOf('c', now) } } },
      400,
    ],
    ['a connection without a certificate', { further: { certificateUrl } }, 400],
    ['a connection whose certificate is not valid', { further: { certificateUrl, certificate: { ...certificate, valid: false } } }, 400],
  ];
  for (const [what, asked, status] of refused)
    it(`changes nothing for ${what}`, async () => {
      const { reply, calls } = await ask({ ...asAlice, target: linkForm, method: 'POST', headers: own, ...asked });
      assert.deepEqual([reply.status, calls], [status, []]);
      readPage(reply);
    });

  it('takes the origin of this host for an answer where a browser sends no more', async () => {
    const { reply } = await ask({ ...asAlice, target: linkForm, method: 'POST', headers: ['Origin', 'https://certificate.example'] });
    assert.equal(reply.status, 303);
  });
});

describe('/.pomerium/ with linked certificates', () => {
  it('shows them on every host, and leads to where they are linked', async () => {
    const { main, tags } = readPage((await ask({ person: alice, links: [other], further: { certificateUrl } })).reply);
    assert.match(main, / Linked certificates Subject CN=<b> .* Link or unlink certificates Sign out$/);
    assert.ok(tags.includes('<a href="https://certificate.example/.pomerium/certificates">'));
    assert.doesNotMatch(main, /Unlink /);
  });
});
