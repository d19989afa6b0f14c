import type { CertificateMapper } from '../certificate/certificate-mapping.ts';
import type { CertificateTrust } from '../certificate/certificate-trust.ts';
import type { WarningCode } from '../config/warning-texts.ts';
import type { SettingPath } from '../config/problem.ts';
import type { RouteSettings, Settings } from '../config/settings.ts';
import type { CompiledPolicy } from '../policy/compile-policy.ts';

/** Something about a good configuration that its author should know. */
export interface Finding {
  readonly code: WarningCode;
  readonly path: SettingPath;
  /** Whether the key or the value is to be pointed at. */
  readonly part?: 'key' | 'value';
  readonly message: string;
}

/** What the linter looks at: settings that are free of errors, and what was compiled from them. */
export interface LintSubject {
  readonly settings: Settings;
  readonly routes: readonly LintedRoute[];
  /** Every CA, where certificates are linked and signed in with; undefined: there is no such host, or no CA. */
  readonly certificateHostTrust: CertificateTrust | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Files that hold secrets, by the setting that names them; the configuration file itself where secrets stand in it. */
  readonly secretFiles: readonly SecretFile[];
  /** Whether everybody on the machine can read a file; false where there is none. */
  readonly isWorldReadable: (file: string) => boolean;
}

export interface SecretFile {
  readonly path: SettingPath;
  readonly file: string;
  readonly isConfiguration: boolean;
}

export interface LintedRoute {
  readonly settings: RouteSettings;
  readonly policy: CompiledPolicy;
  readonly trust: CertificateTrust | undefined;
  /** Undefined where the route does not ask whom a certificate stands for, or has no rules. */
  readonly mapper: CertificateMapper | undefined;
}

export type LintCheck = (subject: LintSubject) => readonly Finding[];
