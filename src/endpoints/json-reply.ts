import type { HeaderList } from '../http/header-list.ts';
import type { Reply } from '../http/reply.ts';

/** A JSON answer that no cache keeps. `<`, `>` and `&` are escaped, so that a reader who takes it for HTML finds no markup either. */
export function jsonReply(status: number, value: unknown, extraHeaders: HeaderList = []): Reply {
  return { status, headers: [...jsonHeaders, 'Cache-Control', 'no-store', ...extraHeaders], body: `${writeJson(value)}\n` };
}

/** For JSON that says itself how long it may be kept. */
export const jsonHeaders: HeaderList = ['Content-Type', 'application/json; charset=utf-8', 'X-Content-Type-Options', 'nosniff'];

export function writeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
