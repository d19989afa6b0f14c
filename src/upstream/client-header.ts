import { headerValues, normalisedName } from '../http/header-list.ts';
import { fieldName } from './field-name.ts';
import type { RequestHeadersInput } from './header-step.ts';
import { foreignCookies } from './steps/drop-our-cookies.ts';
import { foreignCredentials } from './steps/drop-our-credentials.ts';

/**
 * What a client sent under a name, for a header of another name; empty for nothing. What it may not say to an upstream as one of our
 * headers it can't say that way either, and our cookies and credentials are kept back as everywhere.
 */
export function clientHeader(input: Pick<RequestHeadersInput, 'inbound' | 'plan'>, lowerName: string): string {
  const { plain } = fieldName(lowerName);
  if (plain === 'cookie') return foreignCookies(input) ?? '';
  if (plain === 'authorization') return foreignCredentials(input) ?? '';
  const { dropNames } = input.plan;
  if (plain.startsWith('x-pomerium') || dropNames.has(plain) || dropNames.has(normalisedName(lowerName))) return '';
  return headerValues(input.inbound.headers, lowerName).join(',');
}
