import assert from 'node:assert/strict';
import { followProvider } from '../identity/provider-server.ts';
import type { Answer } from '../walk/house.ts';
import { Visitor } from '../walk/visitor.ts';
import type { Street } from './street.ts';

/** A sign-in taken step by step, so that a test can do something in between. Each step gives the address that the next one would visit. */
export interface SignInSteps {
  readonly visitor: Visitor;
  /** The page asked for; gives the address of the sign-in at the authenticate host. */
  ask(page: string): Promise<string>;
  /** Gives the address at the provider. */
  begin(signIn: string): Promise<string>;
  /** Signs in there; gives the callback at the authenticate host, with code and state. */
  authenticate(atProvider: string): Promise<string>;
  /** Gives the hand-over at the route host. */
  finish(callback: string): Promise<string>;
  /** All of these, from a page to its hand-over. */
  toHandOver(page: string): Promise<string>;
  /** From a page to the callback at the authenticate host. */
  toCallback(page: string): Promise<string>;
}

export function signInSteps(street: Street, visitor: Visitor = new Visitor(street.house, street.provider)): SignInSteps {
  const follow = async (url: string): Promise<string> => locationOf(await visitor.visit(url), url);
  const authenticate = (url: string): Promise<string> => followProvider(street.provider, visitor.jar, url);
  const toCallback = async (page: string): Promise<string> => authenticate(await follow(await follow(page)));
  return {
    visitor,
    ask: follow,
    begin: follow,
    authenticate,
    finish: follow,
    toCallback,
    toHandOver: async (page) => follow(await toCallback(page)),
  };
}

/** The redirect's target; fails for any other answer. */
export function locationOf({ status, headers }: Answer, at: string): string {
  assert.equal(status, 302, `${at} did not redirect`);
  return new URL(headers.location ?? '', at).href;
}

/** A refusal of a step of the sign-in: a 400 page, no session, no cookie, nowhere to go. */
export function assertRefused(answer: Answer, what: string): void {
  const { status, headers } = answer;
  assert.deepEqual(
    { status, cookies: headers['set-cookie'], location: headers.location },
    { status: 400, cookies: undefined, location: undefined },
    what,
  );
}
