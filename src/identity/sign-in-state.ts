import { randomUUID } from 'node:crypto';
import type { Sealer } from './sealer.ts';

/** What must be known again when the provider sends a visitor back. It travels sealed, as the `state`: nothing is kept for visitors who never return. */
export interface SignInState {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly returnTo: string;
  /** The mark of the browser at the route host, for the hand-over. */
  readonly routeBrowser: string;
  /** The mark of the browser at the authenticate host. */
  readonly browser: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

const context = 'sign-in state';

export function writeSignInState(sealer: Sealer, parts: Omit<SignInState, 'id'>): string {
  return sealer.seal(JSON.stringify({ id: randomUUID(), ...parts }), context);
}

/** Undefined for everything that `writeSignInState` did not make with the same key. */
export function readSignInState(sealer: Sealer, state: string): SignInState | undefined {
  const text = sealer.open(state, context);
  // The seal proves that the text is ours, shape included.
  return text === undefined ? undefined : (JSON.parse(text) as SignInState);
}
