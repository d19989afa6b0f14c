import type { CaBundle } from './certificate/ca-bundle.ts';
import { readCaBundle, uniteBundles } from './certificate/ca-bundle.ts';
import type { CertificateTrust, RevocationRules, TrustRules } from './certificate/certificate-trust.ts';
import { buildTrust } from './certificate/certificate-trust.ts';
import type { CrlBundle, IssuedCrl } from './certificate/crl-bundle.ts';
import { olderThanInForce, readCrlBundle } from './certificate/crl-bundle.ts';
import type { SubjectAltNameRule } from './certificate/subject-alt-name-rule.ts';
import { compileSubjectAltNames } from './certificate/subject-alt-name-rule.ts';
import type { SubjectAltNamePattern } from './config/downstream-mtls-settings.ts';
import type { ErrorCode } from './config/problem-codes.ts';
import type { SettingPath } from './config/problem.ts';
import type { RevocationSettings } from './config/revocation-settings.ts';
import type { NamedText, Settings } from './config/settings.ts';
import type { WarningCode } from './config/warning-texts.ts';
import type { RevocationService } from './revocation/revocation-service.ts';

/** By what client certificates are judged, route by route. Of no use while there are problems. */
export interface Trusts {
  readonly byRoute: readonly (CertificateTrust | undefined)[];
  /** Every CA of the configuration: for the host where certificates are linked and signed in with. Undefined: there is none. */
  readonly everywhere: CertificateTrust | undefined;
  /** The same CAs, set by set as routes accept them: that of `downstream_mtls` first. */
  readonly apart: readonly CaSet[];
  /** The keys of `client_certificate_authorities`, by name. */
  readonly authorities: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly { readonly code: ErrorCode; readonly path: SettingPath; readonly message: string }[];
  readonly warnings: readonly { readonly code: WarningCode; readonly path: SettingPath; readonly message: string }[];
}

/** The CAs of one file. */
export interface CaSet {
  readonly trust: CertificateTrust;
  /** Whether rules that name no CA are for these, where there is no route to say so: those of `downstream_mtls`, or the only ones. */
  readonly isUsual: boolean;
}

export interface TrustContext {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly revocation: Pick<RevocationService, 'lookup'>;
  /** The lists of the configuration that serves now: their numbers may not go back. */
  readonly inForce: readonly IssuedCrl[];
}

type TrustSettings = Pick<Settings, 'downstreamMtls' | 'routes' | 'certificateAuthorities' | 'certificateSignIn'>;

/** The CAs of each route, or the global ones; depth, names and revocation lists count for all of them. */
export function compileTrusts(settings: TrustSettings, context: TrustContext): Trusts {
  const { downstreamMtls, routes, certificateAuthorities } = settings;
  const reading = startReading(context);
  const globalCa = reading.authorities(downstreamMtls.ca);
  const routeCas = routes.map(({ clientCa }) => reading.authorities(clientCa));
  const bundles = [globalCa, ...routeCas].filter((bundle) => bundle !== undefined);
  const rules: Omit<TrustRules, 'revocation'> = {
    maxVerifyDepth: downstreamMtls.maxVerifyDepth,
    crls: reading.lists(downstreamMtls.crl, bundles, gracesOf(settings)),
    subjectAltNames: reading.names(downstreamMtls.matchSubjectAltNames),
    allowPartialChain: downstreamMtls.allowPartialChain,
    requireClientAuthEku: downstreamMtls.requireClientAuthEku,
  };
  // One object for all routes that judge alike: whoever judges for a whole host judges once, however many routes it has.
  const trusts = new Map<string, CertificateTrust>();
  function trustIn(bundle: CaBundle, revocation: RevocationSettings): CertificateTrust {
    const built = buildTrust(bundle, { ...rules, revocation: revocationRules(revocation, context.revocation) });
    const trust = trusts.get(built.id) ?? built;
    trusts.set(trust.id, trust);
    return trust;
  }
  const byRoute = routeCas.map((own, index) => {
    const bundle = own ?? globalCa;
    const route = routes[index];
    if (bundle === undefined || route === undefined || route.clientCertificateMode === 'none') return undefined;
    const trust = trustIn(bundle, route.revocation);
    if (trust.anchors.length === 0) reading.rootless(route.clientCa ?? downstreamMtls.ca);
    return trust;
  });
  return {
    byRoute,
    apart: caSets(globalCa, routeCas).map(({ bundle, isUsual }) => ({ trust: trustIn(bundle, downstreamMtls.revocation), isUsual })),
    everywhere: bundles.length === 0 ? undefined : trustIn(uniteBundles(bundles), downstreamMtls.revocation),
    authorities: new Map(certificateAuthorities.map(({ name, file }) => [name, keysOf(reading.authorities(file))])),
    problems: reading.problems,
    warnings: reading.warnings,
  };
}

/** Of everybody who looks at lists in files; milliseconds. */
function gracesOf({ downstreamMtls, routes, certificateSignIn }: TrustSettings): readonly number[] {
  const judging = routes.filter(
    ({ clientCa, clientCertificateMode }) => clientCertificateMode !== 'none' && (clientCa ?? downstreamMtls.ca),
  );
  const rules = [...judging.map(({ revocation }) => revocation), ...(certificateSignIn === undefined ? [] : [downstreamMtls.revocation])];
  return rules.filter(({ mode, sources }) => mode !== 'skip' && sources.includes('crl_file')).map(({ staleGraceMs }) => staleGraceMs);
}

function caSets(
  globalCa: CaBundle | undefined,
  routeCas: readonly (CaBundle | undefined)[],
): readonly { readonly bundle: CaBundle; readonly isUsual: boolean }[] {
  const present = [globalCa, ...routeCas].filter((bundle) => bundle !== undefined);
  const sets = [...new Map(present.map((bundle) => [bundle.id, bundle])).values()];
  return sets.map((bundle) => ({ bundle, isUsual: sets.length === 1 || bundle.id === globalCa?.id }));
}

function keysOf(bundle: CaBundle | undefined): readonly string[] {
  return bundle?.anchors.map(({ facts }) => facts.spkiHash) ?? [];
}

function revocationRules(settings: RevocationSettings, service: TrustContext['revocation']): RevocationRules {
  const asksNetwork = settings.mode !== 'skip' && settings.sources.some((source) => source !== 'crl_file');
  return { settings, network: asksNetwork ? service.lookup(settings) : undefined };
}

function startReading({ at, inForce }: TrustContext) {
  const problems: Trusts['problems'][number][] = [];
  const warnings: Trusts['warnings'][number][] = [];
  return {
    problems,
    warnings,
    authorities(text: NamedText | undefined): CaBundle | undefined {
      if (text === undefined) return undefined;
      const { path } = text;
      const read = readCaBundle(text, at);
      if (!read.ok) return void problems.push({ code: 'invalid-client-ca', path, message: read.message });
      warnings.push(...read.warnings.map((message) => ({ code: 'client-ca-notice' as const, path, message })));
      return read.bundle;
    },
    /** Told once for each file, however many routes it is for. */
    rootless(text: NamedText | undefined): void {
      if (text === undefined || problems.some(({ path }) => path === text.path)) return;
      const message = `Cannot use "${text.label}" as client CA: with allow_partial_chain: false it needs a root, and none of its certificates is self-signed; add the root, or leave allow_partial_chain out`;
      problems.push({ code: 'invalid-client-ca', path: text.path, message });
    },
    lists(text: NamedText | undefined, bundles: readonly CaBundle[], graces: readonly number[]): CrlBundle | undefined {
      if (text === undefined) return undefined;
      const { path } = text;
      const authoritiesAreComplete = problems.length === 0;
      const read = readCrlBundle(text, bundles, at, graces);
      if (!read.ok) return void problems.push({ code: 'invalid-crl', path, message: read.message });
      const stepBack = olderThanInForce(read.crls, inForce);
      if (stepBack !== undefined) return void problems.push({ code: 'invalid-crl', path, message: stepBack });
      // With an authority missing, a list without one would be told of too: a consequence, not a second thing to mend.
      if (authoritiesAreComplete) warnings.push(...read.warnings.map((message) => ({ code: 'crl-notice' as const, path, message })));
      return read.crls;
    },
    names(patterns: readonly SubjectAltNamePattern[]): SubjectAltNameRule | undefined {
      const compiled = compileSubjectAltNames(patterns);
      if (compiled.ok) return compiled.rule;
      problems.push(...compiled.problems.map((problem) => ({ code: 'invalid-expression' as const, ...problem })));
      return undefined;
    },
  };
}
