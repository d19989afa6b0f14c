import type { CertificateMapper } from './certificate/certificate-mapping.ts';
import type { CertificateTrust } from './certificate/certificate-trust.ts';
import type { RouteAction } from './compile-action.ts';
import type { LogFieldReader } from './compile-log-fields.ts';
import type { IgnoredProblem } from './config/apply-ignores.ts';
import type { Problem } from './config/problem.ts';
import type { RouteSettings, Settings } from './config/settings.ts';
import type { HostTable } from './http/host-table.ts';
import type { Authority } from './http/hostname.ts';
import type { Identity } from './identity/create-identity.ts';
import type { Person } from './identity/person.ts';
import type { TlsGroups } from './listener/tls-groups.ts';
import type { CompiledPolicy } from './policy/compile-policy.ts';
import type { RouteTable } from './route/route-table.ts';
import type { AcceptedProxies } from './visitor-connection.ts';

/** Everything a request needs of the configuration, compiled before it came. Never changed; replaced whole. */
export interface Snapshot extends AsyncDisposable {
  readonly settings: Settings;
  readonly routes: RouteTable<Route>;
  readonly routeList: readonly Route[];
  /** The routes of a host whatever their paths, for what is decided before there is a path: the handshake. */
  readonly hosts: HostTable<Route>;
  readonly groups: TlsGroups;
  readonly identity: Identity;
  /** Reads what the line of a request says beyond its usual fields; undefined: nothing. */
  readonly logFields: LogFieldReader | undefined;
  /** Proxies in front that are believed about what was presented to them. */
  readonly proxies: AcceptedProxies;
  /** By what certificates are judged and mapped where they are linked and signed in with; undefined: nowhere. */
  readonly certificateHost: CertificateHost | undefined;
  isAuthenticateHost(authority: Authority): boolean;
  isCertificateHost(authority: Authority): boolean;
}

export interface CertificateHost {
  readonly url: URL;
  /** All CAs, as if they were of one file: for what is shown and linked. */
  readonly trust: CertificateTrust | undefined;
  /** The CAs as routes accept them, each set with the rules by which its certificates sign in. */
  readonly signIn: readonly { readonly trust: CertificateTrust; readonly mapper: CertificateMapper | undefined }[];
}

export interface Route {
  /** Names the route in a permit: no two routes of a snapshot share it. */
  readonly id: string;
  /** For log and metrics: its name, or where it comes from. */
  readonly label: string;
  readonly settings: RouteSettings;
  readonly policy: CompiledPolicy;
  /** The CAs that judge a client certificate here; undefined: none is looked at. */
  readonly trust: CertificateTrust | undefined;
  /** The names of the CAs as visitors may know them; none where the handshake does not name them either. */
  readonly authorityNames: readonly string[];
  /** A missing or invalid certificate is refused whatever the policy says. */
  readonly certificateRequired: boolean;
  /** Whom a valid certificate stands for; undefined where the route does not look. */
  readonly mapper: CertificateMapper | undefined;
  /** `default_identity` and `anonymous_identity`. */
  readonly defaultPerson: Person | undefined;
  readonly anonymousPerson: Person | undefined;
  readonly action: RouteAction;
}

export type SnapshotResult =
  /** `ignored`: warnings that comments of the configuration ask not to be told. */
  | { readonly ok: true; readonly snapshot: Snapshot; readonly warnings: readonly Problem[]; readonly ignored: readonly IgnoredProblem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
