import type { X509Certificate } from 'node:crypto';
import type { Snapshot } from '../../snapshot.ts';
import { explainWithFacts } from '../explain-request.ts';
import type { ExplainedWithFacts } from '../explain-request.ts';
import type { TraceLine } from '../explanation.ts';
import type { CertificateChoice } from './synthetic-certificate.ts';
import type { TestCase } from './test-case.ts';

/** What was expected and came out otherwise. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export interface CaseResult {
  readonly name: string;
  readonly place: TestCase['place'];
  /** Empty: it passed. */
  readonly differences: readonly Difference[];
  /** Of a failed case; empty otherwise, so that a hundred thousand of them fit into the memory. */
  readonly trace: readonly TraceLine[];
  readonly ms: number;
}

export interface CaseRunner {
  readonly snapshot: Snapshot;
  presented(choice: CertificateChoice | undefined): readonly X509Certificate[];
  /** Sets the clock of the snapshot: milliseconds since 1970. */
  setClock(at: number): void;
  /** Milliseconds, for how long a case takes. */
  now(): number;
  /** Is told what the policy was asked. */
  see(explained: ExplainedWithFacts): void;
}

/** One case, with the very walk of the server. A fault is the failure of its case and of no other. */
export async function runCase({ name, place, request, certificate, checks }: TestCase, runner: CaseRunner): Promise<CaseResult> {
  const started = runner.now();
  runner.setClock(request.at);
  try {
    const explained = await explainWithFacts({ ...request, certificates: runner.presented(certificate) }, runner.snapshot);
    runner.see(explained);
    const { explanation } = explained;
    const differences = checks
      .filter((check) => !check.holds(explanation))
      .map((check) => ({ what: check.what, expected: check.expected, got: check.got(explanation, runner.snapshot.settings) }));
    return { name, place, differences, trace: differences.length === 0 ? [] : explanation.trace, ms: runner.now() - started };
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    return { name, place, differences: [{ what: 'answer', expected: 'one', got }], trace: [], ms: runner.now() - started };
  }
}
