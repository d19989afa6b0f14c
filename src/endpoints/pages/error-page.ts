import type { ErrorText } from '../error-text.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';

/** What happened and what to do next; several things to do become a list. */
export function errorPage(status: number, { title, message, steps, link }: ErrorText): Html {
  return html`<p class="status">${status}</p>
    <h1>${title}</h1>
    <p class="lead">${message}</p>
    ${whatNext(steps)}${link !== undefined && html` <p><a href="${link.href}">${link.text}</a></p>`}`;
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
