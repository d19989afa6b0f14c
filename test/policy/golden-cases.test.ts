import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CertificateVerdict } from '../../src/certificate/verdict.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Side } from '../../src/policy/decision.ts';
import type { Facts, PersonFacts } from '../../src/policy/facts.ts';
import {
  claims,
  compiled,
  exampleAuthorities,
  exampleFacts,
  examplePurpose,
  invalidCertificate,
  noAccess,
  people,
  validCertificate,
} from './example-facts.ts';

const folder = join(import.meta.dirname, '../cases/policy');

const texts = z.array(z.string());
const leaf = z.strictObject({
  fingerprint: z.string().exactOptional(),
  spkiHash: z.string().exactOptional(),
  sanDns: texts.exactOptional(),
  sanEmail: texts.exactOptional(),
  sanUri: texts.exactOptional(),
  sanUpn: texts.exactOptional(),
  subject: z.string().exactOptional(),
  issuer: z.string().exactOptional(),
  serial: z.string().exactOptional(),
  commonNames: texts.exactOptional(),
  organizationalUnits: texts.exactOptional(),
  policyOids: texts.exactOptional(),
});
const verdictName = z.enum(['no-authority', 'none', 'valid', 'invalid', 'unreadable']);
const person = z.strictObject({
  id: z.string(),
  email: z.string().optional(),
  claims: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))).default({}),
});
const factsOfCase = z.strictObject({
  who: z.union([z.enum(['alice', 'bob', 'robot']), person]).optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  from: z.string().optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  corsPreflight: z.boolean().default(false),
  certificate: z
    .union([verdictName, leaf.extend({ leadsTo: texts.exactOptional() }), leaf.extend({ kind: z.literal('invalid') })])
    .optional(),
});
const side = z.tuple([z.boolean()], z.string());
const policyCase = z.strictObject({
  name: z.string(),
  policy: z.unknown().optional(),
  access: z.record(z.string(), z.unknown()).default({}),
  defaultDeny: z.enum(['required', 'optional']).or(z.literal(false)).default(false),
  facts: factsOfCase.prefault({}),
  expect: z.strictObject({ decision: z.string(), reasons: texts, allow: side.optional(), deny: side.optional() }),
});
const problemCase = z.strictObject({
  name: z.string(),
  policy: z.unknown(),
  problems: z.array(z.strictObject({ at: z.array(z.union([z.string(), z.number()])), message: z.string() })),
});

for (const file of yamlFiles(folder)) {
  describe(`policy cases: ${file}`, () => {
    for (const { name, policy, access, defaultDeny, facts, expect } of readCases(join(folder, file), policyCase)) {
      it(name, () => {
        const { kind, reasons, allow, deny } = decide(compiled(policy, { access, defaultDeny }), toFacts(facts), examplePurpose);
        const sides = { ...(expect.allow && { allow: flat(allow) }), ...(expect.deny && { deny: flat(deny) }) };
        assert.deepEqual({ decision: kind, reasons, ...sides }, expect);
      });
    }
  });
}

for (const file of yamlFiles(join(folder, 'problems'))) {
  describe(`policy problems: ${file}`, () => {
    for (const { name, policy, problems } of readCases(join(folder, 'problems', file), problemCase)) {
      it(name, () => {
        const compilation = compilePolicy({ ...noAccess, policy }, { defaultDeny: 'required', authorities: exampleAuthorities });
        const found = compilation.ok ? [] : compilation.problems;
        assert.deepEqual(
          found.map(({ path, message }) => ({ at: path, message })),
          problems.map(({ at, message }) => ({ at: [...noAccess.policyPath, ...at], message })),
        );
      });
    }
  });
}

describe('the policy cases', () => {
  it('are many enough to cover the language', () => {
    const count = yamlFiles(folder).flatMap((file) => readCases(join(folder, file), policyCase)).length;
    assert.ok(count >= 400, `only ${count}`);
  });
});

function yamlFiles(path: string): readonly string[] {
  return readdirSync(path).filter((file) => file.endsWith('.yaml'));
}

function readCases<T>(file: string, shape: z.ZodType<T>): readonly T[] {
  return z.array(shape).parse(parse(readFileSync(file, 'utf8')));
}

function flat({ result, reasons }: Side): readonly [boolean, ...string[]] {
  return [result, ...reasons];
}

function toFacts({ who, method, path, from, at, corsPreflight, certificate }: z.infer<typeof factsOfCase>): Facts {
  return {
    ...exampleFacts,
    method: method ?? exampleFacts.method,
    path: path ?? exampleFacts.path,
    sourceIp: from ?? exampleFacts.sourceIp,
    at: at === undefined ? exampleFacts.at : Date.parse(at),
    corsPreflight,
    person: toPerson(who),
    certificate: toVerdict(certificate),
  };
}

function toPerson(who: z.infer<typeof factsOfCase>['who']): PersonFacts | undefined {
  if (who === undefined) return undefined;
  return typeof who === 'string' ? people[who] : { id: who.id, email: who.email, claims: claims(who.claims) };
}

function toVerdict(certificate: z.infer<typeof factsOfCase>['certificate']): CertificateVerdict {
  if (certificate === undefined) return exampleFacts.certificate;
  if (certificate === 'valid') return validCertificate();
  if (certificate === 'invalid') return invalidCertificate();
  if (certificate === 'unreadable') return { kind: 'invalid', detail: 'unreadable', explanation: 'it cannot be read', leaf: undefined };
  if (typeof certificate === 'string') return { kind: certificate };
  if (!('kind' in certificate)) {
    const { leadsTo, ...names } = certificate;
    return validCertificate(names, leadsTo);
  }
  const { kind: _, ...names } = certificate;
  return invalidCertificate(names);
}
