import type { BenchFiles } from '../bench-files.ts';

/** A proxy that is measured: reached over TLS at a port of this machine, forwarding to the one upstream of the run. */
export interface Candidate {
  readonly name: string;
  /** Which build or version of it runs, and how it is set up, for the report. */
  readonly description: string;
  readonly pid: number;
  /** Processes that do its work and are no children of `pid`: what a proxy asks about every request, for one. They count as its cost. */
  readonly alsoPids?: readonly number[];
  readonly port: number;
  /** The cookies of somebody who signed in here, where the candidate has a sign-in of its own; left out: it takes anybody. */
  readonly cookie?: string;
  /** The scenarios it takes part in, by id; left out: `http1` and `http2`, which every TLS proxy can. */
  readonly scenarios?: readonly string[];
  /** Ends the process. */
  stop(): Promise<void>;
}

/** What opening a candidate takes. */
export interface CandidateSetting {
  readonly files: BenchFiles;
  /** Plain HTTP on 127.0.0.1: 500 bytes with status 200 on every path, and on `seenPath` the assertion that came along. */
  readonly upstreamPort: number;
}

/** A candidate that may be on the machine or not. */
export interface Peer {
  readonly name: string;
  /** Why it can't be measured here ("caddy is not installed"); undefined when it can. */
  missing(): string | undefined;
  /** Rejects where it does not start; the run goes on without it and says why. */
  open(setting: CandidateSetting): Promise<Candidate>;
}
