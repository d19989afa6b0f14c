// Loaded into a Postern before it starts (`--import`): its parent's messages break what can't be broken from outside.

import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import type { StatementSync as Statement } from 'node:sqlite';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { TLSSocket } from 'node:tls';
import { queryObjects } from 'node:v8';
import type { Fault, Vitals } from './fault.ts';

const TrueDate = Date;
const state = { offsetMs: 0, namesGone: false, unreadable: false };
const databases = new Set<DatabaseSync>();

class ShiftedDate extends TrueDate {
  constructor(...parts: readonly number[]) {
    if (parts.length === 0) super(ShiftedDate.now());
    else super(...(parts as [number]));
  }

  static override now(): number {
    return TrueDate.now() + state.offsetMs;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;

const trueLookup = dns.lookup as (...parts: readonly unknown[]) => void;
Object.assign(dns, {
  lookup(name: string, ...rest: readonly unknown[]) {
    const answer = rest.at(-1) as (error: Error) => void;
    const error = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN', syscall: 'getaddrinfo', hostname: name });
    if (state.namesGone) setImmediate(answer, error);
    else trueLookup(name.endsWith('.postern.test') ? 'localhost' : name, ...rest);
  },
});
syncBuiltinESMExports();

const { prepare: truePrepare } = DatabaseSync.prototype as { prepare: (this: DatabaseSync, sql: string) => Statement };
Object.assign(DatabaseSync.prototype, {
  prepare(this: DatabaseSync, sql: string) {
    databases.add(this);
    return truePrepare.call(this, sql);
  },
});
for (const method of ['get', 'run'] as const) {
  const trueMethod = StatementSync.prototype[method] as (...parts: readonly unknown[]) => unknown;
  Object.assign(StatementSync.prototype, {
    [method](this: Statement, ...parts: unknown[]) {
      if (state.unreadable) throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
      return trueMethod.apply(this, parts);
    },
  });
}

function setStore(next: Extract<Fault, { kind: 'store' }>['state']): void {
  state.unreadable = false;
  for (const database of databases) {
    if (!database.isOpen) continue;
    database.exec(`PRAGMA query_only = ${next === 'read-only' ? 1 : 0}`);
    // Never fewer than there are: from then on SQLite says that the disk is full where it would take another page.
    database.exec(`PRAGMA max_page_count = ${next === 'full' ? 1 : 1_000_000}`);
  }
  state.unreadable = next === 'unreadable';
}

function vitals(fault: Fault): Vitals {
  // Twice: what finalizers let go of in the first goes with the second.
  for (let turn = 0; turn < 2 && fault.kind === 'nothing'; turn += 1) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const isCounted = fault.kind === 'nothing' && fault.counted === 'memory and sockets';
  return { heapBytes: heapUsed, residentBytes: rss, socketsHeld: isCounted ? queryObjects(TLSSocket, { format: 'count' }) : undefined };
}

process.on('message', (fault: Fault) => {
  if (fault.kind === 'clock') state.offsetMs = fault.offsetMs;
  if (fault.kind === 'names') state.namesGone = fault.gone;
  if (fault.kind === 'store') setStore(fault.state);
  process.send?.(vitals(fault));
});
// Whatever ended the parent, nothing is left behind.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A parent that listens must not be what keeps a Postern alive that has stopped.
process.channel?.unref();
