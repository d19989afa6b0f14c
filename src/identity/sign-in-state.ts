import { randomUUID } from 'node:crypto';
import type { Sealer } from './sealer.ts';
import type { SignInRequest } from './sign-in-request.ts';

/** What must be known again when the provider sends a visitor back. It travels sealed, as the `state`: nothing is kept for visitors who never return. */
export interface SignInState extends SignInRequest {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** The mark of the browser at the authenticate host. */
  readonly browser: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

const context = 'sign-in state';
const clockToleranceMs = 60_000;
/** How long a visitor may take at the provider: enough for a slow second factor. */
const stateLifetimeMs = 10 * 60_000;
/**
 * Longer than a state is good for. Later a used one is merely old: it leads back to the page, and never to a session. Keeping
 * the marks for longer would let anybody who begins sign-ins without end fill the store.
 */
export const rememberUsedMs: number = 2 * stateLifetimeMs;

/** One of the future was written before the clock was set back, and would be good for longer than it may. */
export function isInTime({ issuedAt }: Pick<SignInState, 'issuedAt'>, at: number): boolean {
  return at - issuedAt <= stateLifetimeMs && issuedAt - at <= clockToleranceMs;
}

export function writeSignInState(sealer: Sealer, parts: Omit<SignInState, 'id'>): string {
  return sealer.seal(JSON.stringify({ id: randomUUID(), ...parts }), context);
}

/** Undefined for everything that `writeSignInState` did not make with the same key. */
export function readSignInState(sealer: Sealer, state: string): SignInState | undefined {
  const text = sealer.open(state, context);
  // The seal proves that the text is ours, shape included.
  return text === undefined ? undefined : (JSON.parse(text) as SignInState);
}
