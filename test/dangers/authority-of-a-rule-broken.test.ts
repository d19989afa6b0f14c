import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve } from '../../src/serve.ts';
import { freePort } from '../free-ports.ts';
import { ask, configText } from '../walk/house.ts';
import { makePki } from '../walk/pki.ts';
import { brokenAuthorities } from './broken-authorities.ts';
import type { CertificateHouse } from './certificate-house.ts';
import { errorTexts, openCertificateHouse } from './certificate-house.ts';
import { inline } from './revocation-lists.ts';

const pki = await makePki();
const cases = await brokenAuthorities(pki);
const rule = (ca: string): string => `[{name: staff, ca_file: ${ca}, from: san_email, to: email, domains: [example.com]}]`;
const linked = 'certificate_identities: [{name: mine, from: linked}]';

/** Where an authority stands that decides who somebody is; each makes the holder of a certificate of CA A somebody, and nobody else. */
const places: Readonly<Record<string, (ca: string) => readonly [top: string, route: string]>> = {
  'of a rule': (ca) => [`certificate_identities: ${rule(ca)}`, known],
  'of a rule of one route': (ca) => ['', `${known}, certificate_identities: ${rule(ca)}`],
  'of a link': (ca) => [`${linked}\ncertificate_links: [{subject_name: alice@example.com, ca_file: ${ca}, user: alice}]`, known],
  'that policies name': (ca) => [
    `client_certificate_authorities: [{name: staff, file: ${ca}}]`,
    'policy: {allow: {and: [{client_certificate: {ca: staff}}]}}',
  ],
};
const known = 'allow_any_authenticated_user: true, authentication: client_certificate';

function configOf([top, route]: readonly [top: string, route: string]): string {
  const everybody = inline(pki.caA.certificatePem + pki.sameNameCa.certificatePem);
  return `
downstream_mtls: {ca: ${everybody}}
${top}
routes: [{from: https://a.postern.test, to: '{{to}}', ${route}}]
`;
}

/** The handshake is in order here, and what can't be read is who somebody is: left out, the rule would count for every authority, or be another one's. */
describe('a broken file of an authority that decides who somebody is', () => {
  const streets = new Map<string, CertificateHouse>();

  before(async () => {
    for (const [place, keys] of Object.entries(places))
      streets.set(place, await openCertificateHouse({ pki, config: configOf(keys('ca-a.pem')) }));
  });

  after(async () => {
    for (const opened of streets.values()) await opened[Symbol.asyncDispose]();
  });

  for (const [place, keys] of Object.entries(places)) {
    it(`(${place}) lets nothing start, and is named`, async () => {
      const { house, upstream } = street(place);
      const file = join(house.directory, 'tested.yaml');
      await writeFile(file, configText(configOf(keys('ca-tested.pem')).replace('{{to}}', upstream.url), await freePort()));
      for (const { what, text, complaint } of cases) {
        await write(street(place), 'ca-tested.pem', text);
        const quiet = { writeLog: () => undefined, showProblems: () => undefined };
        const started = await serve({ file, environment: undefined, now: () => Date.now(), ...quiet });
        if (started.ok) await started.server.stop(0);
        const [error = 'it started', ...others] = started.ok ? [] : errorTexts(started.problems);
        assert.match(error, complaint, what);
        assert.match(error, /ca-tested\.pem/);
        assert.deepEqual(others, [], what);
      }
    });

    it(`(${place}) is refused on reload, and what was in force serves on`, async () => {
      const { house, url } = street(place);
      for (const { what, text, complaint } of cases) {
        await write(street(place), 'ca-a.pem', text);
        assert.equal(await house.server.reload(), false, what);
        assert.match(errorTexts(house.problems).at(-1) ?? '', complaint);
      }
      const clients = [pki.alice, pki.ofSameName, pki.ofB, undefined];
      const answers = await Promise.all(clients.map((client) => ask(house, url('a'), { client })));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 403, 495, 495],
      );
    });
  }

  function street(place: string): CertificateHouse {
    const found = streets.get(place);
    assert.ok(found);
    return found;
  }
});

async function write({ house }: CertificateHouse, name: string, text: string | Buffer | undefined): Promise<void> {
  const file = join(house.directory, name);
  if (text === undefined) await rm(file, { force: true });
  else await writeFile(file, text);
}
