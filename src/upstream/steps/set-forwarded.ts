import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep, RequestHeadersInput } from '../header-step.ts';
import { visitorScheme } from '../visitor-scheme.ts';
import { writeAuthority } from '../write-authority.ts';

/** Says where the request came from. Only the list in `X-Forwarded-For` keeps what the client sent, and it decides nothing here. */
export const setForwarded: HeaderStep = {
  name: 'set forwarded',
  apply(fields, input) {
    const { inbound, plan, endpoint } = input;
    fields.push('Host', plan.hostOf(inbound, endpoint.host));
    const addresses = forwardedFor(input);
    if (addresses !== undefined) fields.push('X-Forwarded-For', addresses);
    fields.push(
      'X-Forwarded-Proto',
      visitorScheme(inbound, plan.forwardedFor),
      'X-Forwarded-Host',
      writeAuthority(inbound.authority),
      'X-Request-Id',
      inbound.id,
    );
    return fields;
  },
};

/** What `X-Forwarded-For` says; undefined for nothing. */
function forwardedFor({ inbound, plan }: RequestHeadersInput): string | undefined {
  const said = headerValues(inbound.headers, 'x-forwarded-for');
  const addresses = said.length === 0 ? '' : said.filter((value) => value !== '').join(',');
  if (!plan.forwardedFor.append) return addresses === '' ? undefined : addresses;
  const { remoteAddress } = inbound.connection;
  return addresses === '' ? remoteAddress : `${addresses},${remoteAddress}`;
}
