import assert from 'node:assert/strict';
import type { Issued } from '../../src/certificate/issue-certificate.ts';
import { buttonsOf, linksOf } from '../walk/buttons.ts';
import type { Answer } from '../walk/house.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Street } from './street.ts';
import { openStreet } from './street.ts';

/** A street where people link certificates to their accounts, and sign in with them. */
export interface LinkStreet extends Street {
  /** The page of certificates. */
  readonly page: string;
  /** A host where a linked certificate is the sign-in. */
  readonly device: string;
  /** Signs in at the provider as the account that is set there, with this certificate in the browser. */
  signIn(url: string, client: Issued | undefined): Promise<Visitor>;
  /** Where the form of a button leads, on the page as this visitor sees it. */
  formOf(visitor: Visitor, button: 'Link' | 'Unlink', client: Issued | undefined): Promise<string>;
  /** Where the certificate button of the sign-in page leads. */
  certificateButton(visitor: Visitor, url: string): Promise<string>;
  /** Presses a button as a browser does. */
  press(visitor: Visitor, form: string, client: Issued | undefined): Promise<Answer>;
  /** The status that a certificate alone gets where it is the sign-in: 200 while it is linked, else 403. */
  statusOf(client: Issued): Promise<number>;
}

/** `{{to}}` is where the routes lead. */
export async function openLinkStreet(to: string): Promise<LinkStreet> {
  const street = await openStreet(`
certificate_sign_in_url: https://certificate.postern.test:{{port}}
sign_in_methods: [idp, client_certificate]
jwt_claims_headers: [sub]
downstream_mtls: {ca_file: ca-a.pem, enforcement: policy}
certificate_identities: [{name: mine, from: linked}]
routes:
  - {name: app, from: https://app.postern.test, to: ${to}, allow_any_authenticated_user: true}
  - {name: device, from: https://device.postern.test, to: ${to}, authentication: client_certificate, allow_any_authenticated_user: true}
`);
  const page = street.url('certificate', '/.pomerium/certificates');
  const device = street.url('device');
  return {
    ...street,
    page,
    device,
    async signIn(url, client) {
      const visitor = new Visitor(street.house, street.provider);
      const [provider = ''] = await choose(visitor, url, client);
      await visitor.arrive(provider, { client });
      return visitor;
    },
    async formOf(visitor, button, client) {
      const { body } = await visitor.visit(page, { client });
      return buttonsOf(body, page).find(({ text }) => text === button)?.action ?? assert.fail(`no button ${button}`);
    },
    async certificateButton(visitor, url) {
      const [, certificate = ''] = await choose(visitor, url);
      return certificate;
    },
    press: (visitor, form, client) => visitor.visit(form, { method: 'POST', headers: sameOrigin, client }),
    statusOf: async (client) => (await new Visitor(street.house).visit(device, { client })).status,
  };
}

/** The two links of the choice that a visit leads to. */
async function choose(visitor: Visitor, url: string, client?: Issued): Promise<readonly string[]> {
  const { answer, way } = await visitor.arrive(url, { client });
  const links = linksOf(answer.body, way.at(-1) ?? url);
  assert.equal(links.length, 2, 'there is a choice');
  return links;
}

const sameOrigin = { 'sec-fetch-site': 'same-origin', 'content-length': '0' };
