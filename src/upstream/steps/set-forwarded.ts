import { headerValues } from '../../http/header-list.ts';
import type { Authority } from '../../http/hostname.ts';
import type { HeaderStep } from '../header-step.ts';

/** Says where the request came from. Only the list in `X-Forwarded-For` keeps what the client sent, and it decides nothing here. */
export const setForwarded: HeaderStep = {
  name: 'set forwarded',
  apply(fields, { inbound, plan, endpoint }) {
    const authority = writeAuthority(inbound.authority);
    const client = headerValues(inbound.headers, 'x-forwarded-for').filter((value) => value !== '');
    const peer = inbound.connection.remoteAddress;
    fields.push(
      'Host',
      plan.preserveHost ? authority : endpoint.host,
      'X-Forwarded-For',
      // Pomerium writes the list without spaces.
      client.length === 0 ? peer : `${client.join(',')},${peer}`,
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      authority,
      'X-Request-Id',
      inbound.id,
    );
    return fields;
  },
};

/** The canonical form: what was routed and judged, not another spelling of it. */
function writeAuthority({ hostname, port }: Authority): string {
  return port === undefined ? hostname : `${hostname}:${port}`;
}
