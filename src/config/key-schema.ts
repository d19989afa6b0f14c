import { z } from 'zod';

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

/** A key that may be left out. The facts travel in zod's metadata, so that JSON Schema and documentation find them. */
export function optionalKey<Schema extends z.ZodType>(schema: Schema, facts: KeyFacts): z.ZodOptional<Schema> {
  return withFacts(schema, facts).optional();
}

/** A key that has this value where it is left out. */
export function keyWithDefault<Schema extends z.ZodType>(
  schema: Schema,
  value: z.core.util.NoUndefined<z.output<Schema>>,
  facts: KeyFacts,
): z.ZodDefault<Schema> {
  return withFacts(schema, facts).default(value);
}

/** A map whose keys all have defaults of their own. */
export function mapKey<Schema extends z.ZodType>(schema: Schema, facts: KeyFacts): z.ZodPrefault<Schema> {
  return withFacts(schema, facts).prefault({} as z.input<Schema>);
}

/** The facts of a key's schema, on whatever layer they were put; undefined for schemas that stand for no key. */
export function keyFacts(schema: z.ZodType): KeyFacts | undefined {
  const meta = schema.meta();
  if (typeof meta?.description === 'string') return meta as KeyFacts;
  const inner = unwrapOnce(schema);
  return inner === undefined ? undefined : keyFacts(inner);
}

/** The value of a key that was left out; undefined when it has none. */
export function keyDefault(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
}

/** The schema beneath `optional`, `nullable` and defaults. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  const inner = unwrapOnce(schema);
  return inner === undefined ? schema : unwrapped(inner);
}

function unwrapOnce(schema: z.ZodType): z.ZodType | undefined {
  const isWrapper =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapper ? (schema.unwrap() as z.ZodType) : undefined;
}

function withFacts<Schema extends z.ZodType>(schema: Schema, facts: KeyFacts): Schema {
  return schema.meta({ ...facts } as z.core.GlobalMeta);
}
