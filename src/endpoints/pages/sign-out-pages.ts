import type { Html } from './html.ts';
import { html } from './html.ts';

/** The one form that ends a session. */
export const signOutForm: Html = html`<form method="post" action="/.pomerium/sign_out"><button type="submit">Sign out</button></form>`;

/** Shown when a link or an image of another site led here. */
export function confirmSignOutPage(): Html {
  return html`<h1>Do you want to sign out?</h1>
    <p class="lead">Signing out ends your session on every site that shares this sign-in.</p>
    <p>If you did not mean to, just leave this page: nothing has changed.</p>
    ${signOutForm}`;
}

export function signedOutPage(): Html {
  return html`<h1>You are signed out</h1>
    <p class="lead">Your session has ended on every site that shared this sign-in.</p>
    <p>
      You may still be signed in at your identity provider, which would let you, or anybody else at this device, come back without a
      password. On a device that is not yours, sign out there too and close the browser.
    </p>
    <p><a href="/.pomerium/">Who am I signed in as?</a></p>`;
}
