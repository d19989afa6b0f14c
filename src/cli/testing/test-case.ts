import type { Place } from '../../config/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { AskedRequest } from '../asked-request.ts';
import type { Explanation } from '../explanation.ts';
import type { CertificateChoice } from './synthetic-certificate.ts';

/** One request and what should become of it. */
export interface TestCase {
  readonly name: string;
  /** Of the test that it is a case of; several of a matrix share one. */
  readonly place: Place | undefined;
  readonly request: Omit<AskedRequest, 'certificates'>;
  readonly certificate: CertificateChoice | undefined;
  readonly checks: readonly Check[];
}

/** One expectation. */
export interface Check {
  /** What it is about: `decision`, `header x-team`. */
  readonly what: string;
  readonly expected: string;
  holds(explanation: Explanation): boolean;
  /** What there was instead, without secrets of the configuration. */
  got(explanation: Explanation, settings: Settings): string;
}

/** The tests of one file. */
export interface TestSuite {
  /** As problems call it. */
  readonly file: string;
  readonly cases: readonly TestCase[];
}
