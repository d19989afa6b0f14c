import type { RevocationStatus } from '../certificate/revocation-lookup.ts';

export type Unreachable = Extract<RevocationStatus, { kind: 'unreachable' }>;

/** What came of asking. A failure may bring something that is worth keeping all the same, such as a list that is out of date. */
export type Finding<Value> =
  | { readonly kind: 'found'; readonly value: Value; readonly freshUntil: number }
  | { readonly kind: 'failed'; readonly explanation: string; readonly value?: Value };

/** What is known at a moment. After a failure the value before it is still there: the owner says what it is worth. */
export type Known<Value> =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'fresh'; readonly value: Value }
  | { readonly kind: 'failed'; readonly value: Value | undefined; readonly status: Unreachable };

export interface AnswerBookOptions<Subject, Value> {
  readonly now: () => number;
  /** `held` is the value that the new one replaces. */
  readonly fetch: (subject: Subject, held: Value | undefined) => Promise<Finding<Value>>;
  /** Where the subject is asked for, in the words of a status. */
  readonly sourceOf: (subject: Subject) => string;
  /** How long a failure counts. */
  readonly failureMs: number;
  /** What all entries may weigh together; those that were not looked at for longest are forgotten. */
  readonly mostWeight: number;
  /** 1 where it is left out, and for an entry without a value. */
  readonly weigh?: (value: Value) => number;
}

/** Answers of the network by key: each asked for once at a time, and again before it ends while somebody wants it. */
export class AnswerBook<Subject, Value> {
  readonly #options: AnswerBookOptions<Subject, Value>;
  readonly #entries = new Map<string, Entry<Subject, Value>>();
  #weight = 0;
  #renewals = 0;

  constructor(options: AnswerBookOptions<Subject, Value>) {
    this.#options = options;
  }

  /** Asks nobody; only notes that somebody wanted to know. */
  look(key: string, at: number): Known<Value> {
    const entry = this.#find(key);
    if (entry === undefined) return { kind: 'unasked' };
    entry.wantedAt = at;
    return knownAt(entry, at);
  }

  /** Settles within `forMs` and never rejects; `look` is not `unasked` for a while then. What takes longer goes on and counts when it comes. */
  async ask(key: string, subject: Subject, forMs: number): Promise<void> {
    const entry = this.#find(key) ?? this.#add(key, subject);
    const isUnasked = (): boolean => knownAt(entry, this.#options.now()).kind === 'unasked';
    if (!isUnasked()) return;
    entry.subject = subject;
    entry.flight ??= this.#fly(key, entry);
    const settled = await settlesWithin(entry.flight, forMs);
    if (!settled && isUnasked()) this.#fail(entry, 'no answer came in time');
  }

  /**
   * Asks again for what is past half of its life and was wanted since it was asked for; a failure counts as life, too. A few at once, and the
   * next as soon as one is done: answers must not run out, all those of one morning at the same time, because there are many.
   */
  renew(at: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#renewals >= mostRenewals) return;
      if (entry.flight !== undefined || !isDue(entry, at)) continue;
      this.#renewals += 1;
      entry.flight = this.#fly(key, entry).finally(() => {
        this.#renewals -= 1;
        this.renew(this.#options.now());
      });
    }
  }

  #find(key: string): Entry<Subject, Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A map keeps the order of insertion: at its end is what was looked at last.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  #add(key: string, subject: Subject): Entry<Subject, Value> {
    const entry: Entry<Subject, Value> = { subject, weight: 1, ...nothingYet };
    this.#entries.set(key, entry);
    this.#weight += 1;
    this.#forgetOldest();
    return entry;
  }

  /** The newest stays, whatever it weighs. */
  #forgetOldest(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#weight <= this.#options.mostWeight || this.#entries.size === 1) return;
      this.#entries.delete(key);
      this.#weight -= entry.weight;
    }
  }

  /** Never rejects. */
  async #fly(key: string, entry: Entry<Subject, Value>): Promise<void> {
    try {
      this.#settle(key, entry, await this.#options.fetch(entry.subject, entry.value));
    } catch (error) {
      // A fault of ours: whoever waits must not wait for ever, and learns what it was.
      this.#fail(entry, `it could not be asked (${error instanceof Error ? error.message : 'fault'})`);
    } finally {
      entry.flight = undefined;
    }
  }

  #settle(key: string, entry: Entry<Subject, Value>, finding: Finding<Value>): void {
    if (finding.value !== undefined) this.#keep(key, entry, finding.value);
    if (finding.kind === 'failed') return this.#fail(entry, finding.explanation);
    const at = this.#options.now();
    entry.freshUntil = finding.freshUntil;
    entry.renewAt = (at + finding.freshUntil) / 2;
    entry.settledAt = at;
    entry.failure = undefined;
    entry.failedUntil = -Infinity;
  }

  #keep(key: string, entry: Entry<Subject, Value>, value: Value): void {
    const weighs = this.#options.weigh?.(value) ?? 1;
    // One that was forgotten in the meantime is nobody's any more.
    if (this.#entries.get(key) === entry) this.#weight += weighs - entry.weight;
    entry.value = value;
    entry.weight = weighs;
    this.#forgetOldest();
  }

  #fail(entry: Entry<Subject, Value>, explanation: string): void {
    const at = this.#options.now();
    const source = this.#options.sourceOf(entry.subject);
    if (isOfTheFuture(entry, at)) entry.freshUntil = -Infinity;
    // What is known is the same object for as long as it is the same: verdicts are remembered by it.
    if (entry.failure?.explanation !== explanation || entry.failure.source !== source)
      entry.failure = { kind: 'unreachable', source, explanation };
    entry.failedUntil = at + this.#options.failureMs;
    entry.renewAt = at + this.#options.failureMs / 2;
    entry.settledAt = at;
  }
}

interface Entry<Subject, Value> {
  subject: Subject;
  value: Value | undefined;
  freshUntil: number;
  failure: Unreachable | undefined;
  failedUntil: number;
  /** When the last attempt came to an end. */
  settledAt: number;
  renewAt: number;
  wantedAt: number;
  flight: Promise<void> | undefined;
  weight: number;
}

const nothingYet = {
  value: undefined,
  freshUntil: -Infinity,
  failure: undefined,
  failedUntil: -Infinity,
  settledAt: -Infinity,
  renewAt: Infinity,
  wantedAt: -Infinity,
  flight: undefined,
};

/** At once, so that there are places left for those who wait. */
const mostRenewals = 8;
/** Whoever asks looks right after the answer: that alone is no reason to ask again. */
const leastUseMs = 1_000;

/** More than any request waits, which asks with the time at which it came. */
const setBackMs = 300_000;

/** The clock was set back since: what counts until some date would count for longer than it was meant to. */
function isOfTheFuture({ settledAt }: Entry<unknown, unknown>, at: number): boolean {
  return at < settledAt - setBackMs;
}

function isDue(entry: Entry<unknown, unknown>, at: number): boolean {
  if (isOfTheFuture(entry, at)) return entry.wantedAt <= at;
  return at >= entry.renewAt && entry.wantedAt - entry.settledAt > leastUseMs;
}

function knownAt<Value>(entry: Entry<unknown, Value>, at: number): Known<Value> {
  const { value, freshUntil, failure, failedUntil } = entry;
  if (isOfTheFuture(entry, at)) return { kind: 'unasked' };
  if (value !== undefined && at <= freshUntil) return { kind: 'fresh', value };
  return failure !== undefined && at <= failedUntil ? { kind: 'failed', value, status: failure } : { kind: 'unasked' };
}

/** Whether it settled in time. */
async function settlesWithin(flight: Promise<void>, forMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, forMs, false);
  });
  const settled = await Promise.race([flight.then(() => true), end]);
  clearTimeout(timer);
  return settled;
}
