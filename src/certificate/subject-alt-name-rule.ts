import { RE2JS } from 're2js';
import type { SettingPath } from '../config/problem.ts';
import type { SubjectAltNamePattern } from '../config/downstream-mtls-settings.ts';
import type { GeneralName } from './general-name.ts';
import { addressText } from './address-text.ts';

/** `match_subject_alt_names`, compiled. */
export interface SubjectAltNameRule {
  /** Equal for equal patterns. */
  readonly id: string;
  /** Whether one name at least matches a pattern for its type, as a whole. */
  accepts(names: readonly GeneralName[]): boolean;
}

export type SubjectAltNameCompilation =
  | { readonly ok: true; readonly rule: SubjectAltNameRule | undefined }
  | { readonly ok: false; readonly problems: readonly { readonly path: SettingPath; readonly message: string }[] };

type NameType = SubjectAltNamePattern['type'];

interface CompiledPattern {
  readonly type: NameType;
  readonly expression: RE2JS;
}

/**
 * No patterns make no rule. Each pattern is anchored on its own: joined into one expression, as Pomerium joins them, the first
 * would bind the beginning of a name alone and the last its end.
 */
export function compileSubjectAltNames(patterns: readonly SubjectAltNamePattern[]): SubjectAltNameCompilation {
  const compiled = patterns.map(compilePattern);
  const problems = compiled.filter((each) => 'message' in each);
  if (problems.length > 0) return { ok: false, problems };
  if (patterns.length === 0) return { ok: true, rule: undefined };
  const expressions = compiled.filter((each) => 'expression' in each);
  return {
    ok: true,
    rule: {
      id: JSON.stringify(patterns.map(({ type, pattern }) => [type, pattern])),
      accepts: (names) => names.map(typedName).some((name) => name !== undefined && expressions.some((each) => matches(each, name))),
    },
  };
}

function compilePattern({ type, pattern, place }: SubjectAltNamePattern): CompiledPattern | { path: SettingPath; message: string } {
  try {
    return { type, expression: RE2JS.compile(pattern) };
  } catch (error) {
    // Whatever the library throws, this text is what it could not compile: refuse it.
    const found = String(error).replace(/^.*error parsing regexp: /, '');
    return { path: place, message: `cannot read ${type} ${JSON.stringify(pattern)}: ${found}; write an RE2 expression for the whole name` };
  }
}

interface TypedName {
  readonly type: NameType;
  readonly text: string;
}

function matches({ type, expression }: CompiledPattern, name: TypedName): boolean {
  return type === name.type && expression.testExact(name.text);
}

function typedName(name: GeneralName): TypedName | undefined {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return printable(name.kind, name.text, /^[\x20-\x7e]+$/);
    case 'ip':
      return printable('ip_address', addressText(name.bytes) ?? '', /./);
    case 'other':
      return printable('user_principal_name', name.principalName ?? '', /^[^\p{Cc}]+$/u);
    case 'directory':
      return undefined;
  }
}

/** A NUL or a line end inside a name has been taken for the end of the name before (Envoy CVE-2025-66220): such a name matches nothing. */
function printable(type: NameType, text: string, characters: RegExp): TypedName | undefined {
  return characters.test(text) ? { type, text } : undefined;
}
