import type { Html, HtmlPart } from './html.ts';
import { html } from './html.ts';

/** One line of a description list. */
export function descriptionRow(term: string, description: HtmlPart): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${description}</dd>
  </div>`;
}

/** Names come from elsewhere and may be written from right to left, or pretend to be: they must not turn what stands around them. */
export function isolated(text: string | undefined, absent = 'Not known'): Html {
  return text === undefined || text === '' ? html`${absent}` : html`<bdi>${text}</bdi>`;
}
