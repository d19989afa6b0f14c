import type { SignInServices } from './identity-parts.ts';
import type { ReturnUrl } from './return-url.ts';
import { readReturnUrl } from './return-url.ts';

/** The return URL, if it is one of ours today: a route may have gone since it was signed. Own pages of the authenticate host count. */
export function allowedReturn(services: SignInServices, text: string | null): ReturnUrl | undefined {
  const target = text === null ? undefined : readReturnUrl(text);
  if (target === undefined) return undefined;
  return isAuthenticateHost(services, target) || services.isRouteHost(target.authority) ? target : undefined;
}

export function isAuthenticateHost({ authenticate }: SignInServices, { url }: ReturnUrl): boolean {
  return url.startsWith(`${authenticate.url.origin}/`);
}
