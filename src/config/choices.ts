import type { CookieSettings, Enforcement, LogLevel } from './settings.ts';

/** The words that a key takes, compared without case. Schema and reader share these lists. */
export const enforcements: readonly Enforcement[] = ['policy_with_default_deny', 'policy', 'reject_connection'];

export const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

export const sameSites: readonly Exclude<CookieSettings['sameSite'], undefined>[] = ['Lax', 'Strict', 'None'];

export const providerKinds: readonly 'oidc'[] = ['oidc'];
