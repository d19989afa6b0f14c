export interface FailureKind {
  readonly source: 'client' | 'upstream' | 'internal';
  /** Whether the same request may be tried again with hope. */
  readonly retryable: boolean;
}

export type FailureCode =
  | 'client-aborted'
  | 'client-timeout'
  | 'client-stalled'
  | 'request-overdue'
  | 'access-ended'
  | 'server-stopping'
  | 'upstream-unreachable'
  | 'upstream-tls'
  | 'upstream-broken'
  | 'upstream-timeout'
  | 'upstream-idle'
  | 'upstream-upgrade-invalid'
  | 'provider-unreachable'
  | 'provider-refused'
  | 'store-failed'
  | 'internal';

/** Every fault that may end a request, in one table: who caused it and whether the same request may be tried again. */
export const failureCodes: Readonly<Record<FailureCode, FailureKind>> = {
  'client-aborted': { source: 'client', retryable: false },
  'client-timeout': { source: 'client', retryable: false },
  'client-stalled': { source: 'client', retryable: false },
  'request-overdue': { source: 'internal', retryable: false },
  'access-ended': { source: 'client', retryable: false },
  'server-stopping': { source: 'internal', retryable: true },
  'upstream-unreachable': { source: 'upstream', retryable: true },
  'upstream-tls': { source: 'upstream', retryable: false },
  'upstream-broken': { source: 'upstream', retryable: false },
  'upstream-timeout': { source: 'upstream', retryable: false },
  'upstream-idle': { source: 'upstream', retryable: false },
  'upstream-upgrade-invalid': { source: 'upstream', retryable: false },
  'provider-unreachable': { source: 'upstream', retryable: true },
  'provider-refused': { source: 'upstream', retryable: false },
  'store-failed': { source: 'internal', retryable: true },
  internal: { source: 'internal', retryable: false },
};

/** A fault, answering an operator's four questions: what, whose, may it be retried, what caused it. Only `rescue.ts` gives it a status. */
export class ProxyFailure extends Error {
  readonly code: FailureCode;
  readonly source: 'client' | 'upstream' | 'internal';
  readonly retryable: boolean;
  /** The page that whoever met the fault wanted, where another address has to be asked for to get there. */
  readonly returnTo: string | undefined;

  constructor(code: FailureCode, message: string, options?: { readonly cause?: unknown; readonly returnTo?: string }) {
    super(message, options);
    this.name = 'ProxyFailure';
    this.code = code;
    this.source = failureCodes[code].source;
    this.retryable = failureCodes[code].retryable;
    this.returnTo = options?.returnTo;
  }
}
