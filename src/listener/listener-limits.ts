/** What a client may make the listener wait for or hold. Times in milliseconds, sizes in bytes. */
export interface ListenerLimits {
  /** From accept to a complete ClientHello. */
  readonly helloMs: number;
  /** X25519MLKEM768 hellos are about 2 KiB and an encrypted one 4; whoever sends more than this is up to something. */
  readonly helloBytes: number;
  /** From the ClientHello to the end of the handshake; absolute, so that one byte a second does not prolong it (CVE-2026-22045). */
  readonly handshakeMs: number;
  /** From the first byte of a request, or from the handshake, to the end of its header section. */
  readonly headMs: number;
  readonly headBytes: number;
  readonly headFields: number;
  /** A request body that is waited for may be silent for as long. A limit of the whole would cut long uploads. */
  readonly bodyIdleMs: number;
  /**
   * A client may leave bytes of an answer unread for as long. The system tells of room for more only when much has been read: a player
   * of sound that has some megabytes before it takes minutes for that.
   */
  readonly writeStallMs: number;
  /** One request with its answer, in all, or one upgraded connection; 0: no limit. */
  readonly writeMs: number;
  /** A connection without a request; 0: no limit. Above the 60 s that most load balancers keep theirs, so that they close first. */
  readonly keepAliveMs: number;
  /** How often HTTP/1.1 connections are checked against `headMs`. */
  readonly checkEveryMs: number;
  /** After an answer that came before the end of the request body: how long, and how much of it, is still read and thrown away. */
  readonly lingerMs: number;
  readonly lingerBytes: number;
  /** HTTP/2 streams that one connection may have open (Pomerium has 100), and HTTP/1.1 requests that it may have unanswered. */
  readonly concurrentStreams: number;
  /** HTTP/2 streams that a client may reset: so many at once, then so many a second (CVE-2023-44487). */
  readonly streamResetBurst: number;
  readonly streamResetsPerSecond: number;
  /** Bytes on an HTTP/2 connection that belong to no request: PING, SETTINGS, padding and the like, at once and then a second. */
  readonly controlBurst: number;
  readonly controlBytesPerSecond: number;
  /** Connections that may be without a finished handshake (without TLS: without a first byte), in all. */
  readonly maxUnfinished: number;
  /** How long such a connection is left alone before it has to make room for another. */
  readonly unfinishedGraceMs: number;
}

export const defaultLimits: ListenerLimits = {
  helloMs: 5_000,
  helloBytes: 64 * 1024,
  handshakeMs: 10_000,
  headMs: 15_000,
  headBytes: 128 * 1024,
  headFields: 1_000,
  bodyIdleMs: 30_000,
  writeStallMs: 300_000,
  writeMs: 0,
  keepAliveMs: 75_000,
  checkEveryMs: 250,
  lingerMs: 2_000,
  lingerBytes: 8 * 1024 * 1024,
  concurrentStreams: 100,
  streamResetBurst: 1_000,
  streamResetsPerSecond: 33,
  controlBurst: 256 * 1024,
  controlBytesPerSecond: 16 * 1024,
  maxUnfinished: 5_000,
  unfinishedGraceMs: 1_000,
};
