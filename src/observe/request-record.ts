/** What the walk came to, in the words of `explain`; `none` when a fault ended the request before anything was decided. */
export type RequestDecision = 'allow' | 'sign-in' | 'deny' | 'not-found' | 'misdirected' | 'bad-request' | 'own' | 'none';

/** One finished request, as the log and the metrics want it. Made exactly once for each request, whatever became of it. */
export interface RequestRecord {
  /** The reference id that pages show and upstreams get: made here, never taken from a client, so the line writes it as it is. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** From the first byte of the head to the last of the answer. */
  readonly durationMs: number;
  /** Until the upstream's answer began; null when none was asked. */
  readonly upstreamMs: number | null;
  readonly method: string;
  /** Canonical where the request could be read, else as written; user information is left out of the line. */
  readonly host: string;
  /** Canonical where the request could be read, else as written; a query is left out of the line. */
  readonly path: string;
  /** 0 when the client was gone before an answer began. */
  readonly status: number;
  readonly decision: RequestDecision;
  readonly reasons: readonly string[];
  /** The name of the matched route, or what stands for it in the configuration; never anything a client wrote. */
  readonly route: string | null;
  readonly user: string | null;
  readonly email: string | null;
  /** Lower hex; of whatever was presented, valid or not. */
  readonly clientCertificateSha256: string | null;
  /** Why a presented certificate was not accepted, or stands for nobody. */
  readonly certificateDetail: string | null;
  /** The rule of `certificate_identities` that said whose it is. */
  readonly certificateRule: string | null;
  readonly remoteAddress: string;
  /** `http/1.0`, `http/1.1`, `h2`. */
  readonly protocol: string;
  /** As sent in the handshake. */
  readonly sni: string | null;
  /** The code of the fault that ended the request. */
  readonly failure: string | null;
  /** Of the answer's body. */
  readonly bytesSent: number;
  /** Further fields of the line, free of secrets, as the configuration asks for them; names are the program's. Undefined: none. */
  readonly further: Readonly<Record<string, LogValue>> | undefined;
}

/** What a field can hold. */
export type LogValue = string | number | null | readonly LogValue[] | { readonly [name: string]: LogValue };
