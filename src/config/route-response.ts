import type { RouteActionSettings } from './action-settings.ts';
import type { SettingPath } from './problem.ts';
import { writePath } from './problem.ts';
import type { RawResponse } from './raw-settings.ts';
import type { Reading } from './reading.ts';

type RespondSettings = Extract<RouteActionSettings, { readonly kind: 'respond' }>;

// An answer of these has no content (RFC 9110 sections 15.3.5, 15.3.6, 15.4.5): what follows would be taken for the next answer.
const withoutBody = [204, 205, 304];

/** The answer that a route gives by itself. */
export function readResponse(reading: Reading, { status, body }: RawResponse, path: SettingPath): RespondSettings {
  const place = [...path, 'status'];
  if (status === undefined) {
    if (!reading.isRefused(place))
      reading.error(path, `${writePath(place)} is missing: write the status of the answer, like 200`, { code: 'missing-key' });
  } else if (!Number.isInteger(status) || status < 200 || status > 599) {
    reading.error(place, `${writePath(place)} ${status} is no status of an answer: write a whole number from 200 to 599`);
  } else if (withoutBody.includes(status) && body !== '') {
    const bodyPlace = [...path, 'body'];
    reading.error(
      bodyPlace,
      `${writePath(bodyPlace)} can't be sent, because an answer with status ${status} has no body: remove it, or write another status`,
      {
        code: 'conflicting-keys',
      },
    );
  }
  return { kind: 'respond', status: status ?? 500, body };
}
