import { ProxyFailure } from '../http/proxy-failure.ts';
import type { ReturnUrl } from './return-url.ts';

/** Does one step of a sign-in; a fault of it knows the page that the visitor wanted, so that its page can lead back there. */
export async function withWayBack<T>({ url }: ReturnUrl, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ProxyFailure)) throw error;
    throw new ProxyFailure(error.code, error.message, { cause: error.cause, returnTo: url });
  }
}
