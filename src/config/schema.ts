import type { KeyFacts } from './key-schema.ts';
import type { KeySchemas } from './raw-settings.ts';

/**
 * The form of a value of the configuration: what reads it, the documentation and the schema for editors are all made from it. Plain data
 * of our own, because every start reads it and checks a configuration with it, and a library that can do more took a fifth of a start.
 */
export interface Schema<Output> {
  readonly form: Form;
  /** `null` counts as well: a key with nothing behind it. */
  readonly takesNull?: true;
  /** Where it stands for a key; undefined elsewhere. */
  readonly facts?: KeyFacts;
  /** What a key that is left out means; undefined: nothing. */
  readonly standard?: unknown;
  /** A map that is left out is an empty one, whose keys have defaults of their own. */
  readonly isEmptyMap?: true;
  /** Never there: for the type alone. */
  readonly output?: Output;
}

export type AnySchema = Schema<unknown>;

export type Form =
  | { readonly kind: 'text' | 'number' | 'truth' | 'anything' }
  | { readonly kind: 'list'; readonly of: AnySchema }
  /** The keys are the operator's own. */
  | { readonly kind: 'map'; readonly of: AnySchema }
  | { readonly kind: 'keys'; readonly keys: Readonly<Record<string, AnySchema>> }
  | { readonly kind: 'either'; readonly options: readonly AnySchema[] };

export const text: Schema<string> = { form: { kind: 'text' } };
export const texts: Schema<readonly string[]> = listOf(text);
/** Finite. */
export const number: Schema<number> = { form: { kind: 'number' } };
export const truth: Schema<boolean> = { form: { kind: 'truth' } };
/** Looked at by somebody else. */
export const anything: Schema<unknown> = { form: { kind: 'anything' } };

export function listOf<Output>(of: Schema<Output>): Schema<readonly Output[]> {
  return { form: { kind: 'list', of } };
}

export function mapOf<Output>(of: Schema<Output>): Schema<Readonly<Record<string, Output>>> {
  return { form: { kind: 'map', of } };
}

/** A map with these keys and no others. */
export function keysOf<Raw>(keys: KeySchemas<Raw>): Schema<Raw> {
  return { form: { kind: 'keys', keys } };
}

/** The first of them that fits. */
export function eitherOf<One, Other, Third = never>(
  ...options: readonly [Schema<One>, Schema<Other>, Schema<Third>?]
): Schema<One | Other | Third> {
  return { form: { kind: 'either', options: options.filter((option) => option !== undefined) } };
}

export function orNull<Output>(schema: Schema<Output>): Schema<Output | null> {
  return { ...schema, takesNull: true };
}
