import type { Html } from './html.ts';
import { html } from './html.ts';

/** A moment as people and programs read it; undefined for one beyond what a date can hold. Milliseconds since 1970. */
export function moment(at: number): Html | undefined {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return undefined;
  // Made for the few pages that show one: it takes as long as a fortieth of a start.
  const longDate = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return html`<time datetime="${date.toISOString()}">${longDate.format(date)} UTC</time>`;
}
