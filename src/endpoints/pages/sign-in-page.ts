import type { Html } from './html.ts';
import { html } from './html.ts';

/** Two ways to sign in; each is a link, so that it works without scripts and can be looked at before it is followed. */
export function signInPage({ provider, certificate }: { readonly provider: string; readonly certificate: string }): Html {
  return html`<h1>Sign in</h1>
    <p class="lead">How do you want to sign in?</p>
    <p class="ways">
      <a class="button" href="${provider}">Use the identity provider</a>
      <a class="button second" href="${certificate}">Use a certificate</a>
    </p>
    <p class="note">
      With a certificate, your browser asks you which one to show, unless you chose before. A smart card has to be in its reader by then.
    </p>`;
}
