import type { HeaderList } from '../../http/header-list.ts';
import { headerValues } from '../../http/header-list.ts';
import type { HeaderStep, RequestHeadersInput } from '../header-step.ts';
import { visitorScheme } from '../visitor-scheme.ts';
import { writeAuthority } from '../write-authority.ts';

/** Says where the request came from. Only the list in `X-Forwarded-For` keeps what the client sent, and it decides nothing here. */
export const setForwarded: HeaderStep = {
  name: 'set forwarded',
  apply(fields, input) {
    const { inbound, plan, endpoint } = input;
    fields.push(
      'Host',
      plan.hostOf(inbound, endpoint.host),
      ...forwardedFor(input),
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

function forwardedFor({ inbound, plan }: RequestHeadersInput): HeaderList {
  const addresses = headerValues(inbound.headers, 'x-forwarded-for').filter((value) => value !== '');
  if (plan.forwardedFor.append) return ['X-Forwarded-For', [...addresses, inbound.connection.remoteAddress].join(',')];
  return addresses.length === 0 ? [] : ['X-Forwarded-For', addresses.join(',')];
}
