import type { ServerResponse } from 'node:http';
import { definitionTable, escapeHtml, sendPage } from './page.ts';
import type { DemoPerson } from './people.ts';
import { people } from './people.ts';

export const providerSpeaker = 'The identity provider of the demo';

/** The sign-in page of the provider: asks who the visitor wants to be, one button each. */
export function sendInteractionPage(response: ServerResponse, action: string): void {
  const buttons = people.map(
    (person) =>
      `<button name="person" value="${escapeHtml(person.id)}"><strong>${escapeHtml(person.name)}</strong><br><span>${escapeHtml(description(person))}</span></button>`,
  );
  sendPage(response, {
    speaker: providerSpeaker,
    title: 'Sign in to the demo as',
    body: `<form class="people" method="post" action="${escapeHtml(action)}">\n${buttons.join('\n')}\n</form>
<p>Postern sent you here to find out who you are. A real provider would ask for a password; these three people have none.</p>`,
  });
}

/** What the provider shows to somebody who just looks in. */
export function sendProviderPage(response: ServerResponse): void {
  sendPage(response, {
    speaker: providerSpeaker,
    title: 'Who can sign in here',
    body: `${definitionTable(
      'Name, e-mail and groups',
      people.map((person) => [person.name, description(person)]),
    )}
<p>Postern sends people here to sign in. What it needs to know about this provider is in its
<a href="/.well-known/openid-configuration">discovery document</a>.</p>`,
  });
}

function description({ email, groups }: DemoPerson): string {
  return `${email}, ${groups.length === 0 ? 'in no group' : `in ${groups.join(' and ')}`}`;
}
