import type { ErrorText, Instruction } from '../error-text.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';

/** What happened and what to do next; several things to do become a list. `authorities`: by whom a certificate has to be issued. */
export function errorPage(
  status: number,
  { title, message, steps, link, instructions = [] }: ErrorText,
  authorities: readonly string[] = [],
): Html {
  return html`<p class="status">${status}</p>
    <h1>${title}</h1>
    <p class="lead">${message}</p>
    ${issuedBy(authorities)}
    ${whatNext(steps)}${instructions.map(folded)}${link !== undefined && html` <p><a href="${link.href}">${link.text}</a></p>`}`;
}

/** As many as anybody reads; a browser's list of certificates shows them too. */
export const mostAuthorities = 5;

/** The names are the operator's, and may be in any script. */
function issuedBy(authorities: readonly string[]): Html | undefined {
  if (authorities.length === 0) return undefined;
  const told = authorities.slice(0, mostAuthorities);
  const more = authorities.length - told.length;
  return html`<h2>Which certificate</h2>
    <p>It has to be issued by ${authorities.length === 1 ? 'this authority' : 'one of these authorities'}:</p>
    <ul>
      ${told.map((name) => html` <li><bdi>${name}</bdi></li>`)}${more > 0 && html` <li>${more} more</li>`}
    </ul>`;
}

function whatNext(steps: readonly string[]): Html {
  const [only] = steps;
  if (steps.length <= 1)
    return html`<h2>What you can do</h2>
      <p>${only}</p>`;
  return html`<h2>What you can do</h2>
    <ul>
      ${steps.map((step) => html` <li>${step}</li>`)}
    </ul>`;
}

function folded({ heading, text }: Instruction): Html {
  return html` <details>
    <summary>${heading}</summary>
    <p>${text}</p>
  </details>`;
}
