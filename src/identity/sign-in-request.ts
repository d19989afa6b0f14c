/** What somebody wants to sign in for, as the route host signed it. */
export interface SignInRequest {
  readonly returnTo: string;
  /** The mark of the browser at the route host, for the hand-over. */
  readonly routeBrowser: string;
}
