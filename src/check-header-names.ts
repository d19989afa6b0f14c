import { writtenHeaderNames } from './certificate/headers/written-header-names.ts';
import type { CertificateDialect } from './config/certificate-header-settings.ts';
import type { Locate, SettingPath } from './config/problem.ts';
import { writePath } from './config/problem.ts';
import { quoteValue } from './config/quote-value.ts';
import type { ClaimHeader, RouteSettings, Settings } from './config/settings.ts';
import { normalisedName } from './http/header-list.ts';

export interface HeaderNameProblem {
  readonly path: SettingPath;
  readonly part?: 'key';
  readonly message: string;
}

type HeaderSettings = Pick<Settings, 'routes' | 'jwtClaimsHeaders'>;

/**
 * Headers of the configuration that are those of a dialect of `pass_client_certificate`, `_` and `-` alike. A dialect writes some of them only
 * for a valid certificate: for whoever has none, the upstream would take what the configuration or a claim says for the word about one.
 */
export function checkHeaderNames({ routes, jwtClaimsHeaders }: HeaderSettings, locate: Locate): readonly HeaderNameProblem[] {
  const forwarding = routes.filter(({ action }) => action.kind === 'forward');
  const ofRoutes = forwarding.flatMap((route) => [...checkSet(route, locate), ...checkRemoved(route, locate)]);
  return [...ofRoutes, ...jwtClaimsHeaders.flatMap((header) => checkClaim(header, forwarding, locate))];
}

function checkSet(route: RouteSettings, locate: Locate): readonly HeaderNameProblem[] {
  return route.setRequestHeaders.flatMap(([name]) => {
    const dialect = dialectOf(name, route);
    if (dialect === undefined) return [];
    const path = [...route.path, 'set_request_headers', name];
    const message = `${writePath(path)} is a header of ${dialect} in ${written(route, locate)}: where there is no certificate the upstream would believe what stands here; remove it, or that dialect`;
    return [{ path, part: 'key' as const, message }];
  });
}

function checkRemoved(route: RouteSettings, locate: Locate): readonly HeaderNameProblem[] {
  return route.removeRequestHeaders.flatMap((name) => {
    const dialect = dialectOf(name, route);
    if (dialect === undefined) return [];
    const path = [...route.path, 'remove_request_headers'];
    const message = `${writePath(path)} ${quoteValue(name)} is a header of ${dialect} in ${written(route, locate)}, which sends it all the same; what visitors send under that name is removed always: remove it here, or that dialect`;
    return [{ path, message }];
  });
}

/** Told once, for the first route. Without identity headers no claim is sent. */
function checkClaim({ header }: ClaimHeader, routes: readonly RouteSettings[], locate: Locate): readonly HeaderNameProblem[] {
  const route = routes.find((each) => each.passIdentityHeaders && dialectOf(header, each) !== undefined);
  if (route === undefined) return [];
  const path = ['jwt_claims_headers', header];
  const message = `${writePath(path)} is a header of ${dialectOf(header, route)} in ${written(route, locate)}: where there is no certificate the upstream would believe the claim; write another header, or remove that dialect`;
  return [{ path, part: 'key', message }];
}

/** The dialect of the route that writes such a header. */
function dialectOf(name: string, { passClientCertificate }: RouteSettings): CertificateDialect | undefined {
  const normal = normalisedName(name);
  return passClientCertificate
    .map(({ dialect }) => dialect)
    .find((dialect) => writtenHeaderNames[dialect].some((other) => normalisedName(other) === normal));
}

function written({ passClientCertificatePath: path }: RouteSettings, locate: Locate): string {
  const place = locate(path, 'key');
  return `${writePath(path)}${place?.kind === 'file' ? ` (${place.file}:${place.line})` : ''}`;
}
