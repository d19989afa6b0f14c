import { normalisedName } from '../http/header-list.ts';

const secretNames: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'code', 'state']);
const reservedNames: ReadonlySet<string> = new Set(['level', 'time', 'msg']);
/** As deep as the table of hosts goes: `hosts[].revocation[].sources[]`. */
const deepest = 5;
const longest = 8192;

/**
 * Fields fit to be logged: values under the names of secrets are `[redacted]` at every depth, errors become message, code and cause, URLs
 * lose query and user information. The names that every line has of its own get a `_` behind them, so that no line has one twice.
 */
export function loggable(fields: Readonly<Record<string, unknown>>, withStack: boolean): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    reservedNames.has(name) ? `${name}_` : name,
    isSecretName(name) ? '[redacted]' : loggableValue(value, withStack, 1),
  ]);
  return Object.fromEntries(entries);
}

/** Whether a value of that name is never logged: header, parameter or field. */
export function isSecretName(name: string): boolean {
  const normalised = normalisedName(name);
  return secretNames.has(normalised) || /token|secret|password/.test(normalised);
}

function loggableValue(value: unknown, withStack: boolean, depth: number): unknown {
  if (typeof value === 'string') return value.length > longest ? `${value.slice(0, longest)}…` : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return loggableError(value, withStack, depth);
  if (value instanceof URL) return `${value.protocol}//${value.host}${value.pathname}`;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if ('toJSON' in value) return value;
  if (depth > deepest) return '[…]';
  if (Array.isArray(value)) return value.map((item: unknown) => loggableValue(item, withStack, depth + 1));
  const entries = Object.entries(value).map(([name, item]: [string, unknown]) => [
    name,
    isSecretName(name) ? '[redacted]' : loggableValue(item, withStack, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function loggableError(error: Error, withStack: boolean, depth: number): unknown {
  const { code } = error as { code?: unknown };
  return {
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    // Where the program stands in its files is of use to its developers only, and long.
    ...(withStack ? { stack: error.stack } : {}),
    ...(error instanceof AggregateError && depth <= deepest
      ? { errors: error.errors.map((each: unknown) => loggableValue(each, withStack, depth + 1)) }
      : {}),
    // A chain may be a circle.
    ...(error.cause === undefined || depth > deepest ? {} : { cause: loggableValue(error.cause, withStack, depth + 1) }),
  };
}
