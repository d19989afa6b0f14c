import type { Schema } from './schema.ts';

/** What is known of a key beside its type: what the documentation says, and whether its value is a secret. */
export interface KeyFacts {
  readonly description: string;
  /** The words allowed, compared without case. */
  readonly enum?: readonly string[];
  /** What a value looks like, where its type does not say. */
  readonly examples?: readonly string[];
  /** The value never appears in a problem. The name is JSON Schema's, so that editors see it too. */
  readonly writeOnly?: true;
  /** Another key says the same and should be written instead. */
  readonly deprecated?: true;
  /** No variable of the environment stands for it. */
  readonly fileOnly?: true;
}

/** A key that may be left out. */
export function optionalKey<Output>(schema: Schema<Output>, facts: KeyFacts): Schema<Output | undefined> {
  return { ...schema, facts };
}

/** A key that has this value where it is left out. */
export function keyWithDefault<Output>(schema: Schema<Output>, value: NoInfer<Output>, facts: KeyFacts): Schema<Output> {
  return { ...schema, facts, standard: value };
}

/** A map whose keys all have defaults of their own. */
export function mapKey<Output>(schema: Schema<Output>, facts: KeyFacts): Schema<Output> {
  return { ...schema, facts, isEmptyMap: true };
}
