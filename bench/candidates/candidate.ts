/** A proxy that is measured: reached over TLS at a port of this machine, forwarding to the one upstream of the run. */
export interface Candidate {
  readonly name: string;
  /** Which build or version of it runs, and how it is set up, for the report. */
  readonly description: string;
  readonly pid: number;
  readonly port: number;
  /** Ends the process. */
  stop(): Promise<void>;
}
