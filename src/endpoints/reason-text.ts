/** What a visitor is told where the reason of a refusal says more than its status; for `errorReply`, which takes it as it is. */
export interface ReasonText {
  readonly title: string;
  readonly message: string;
  readonly nextStep: string;
}

/** By the reason of the log. None of them tells a rule, or what a certificate is compared with. */
export const reasonTexts: ReadonlyMap<string, ReasonText> = new Map([
  [
    'client-certificate-not-mapped',
    {
      title: 'This certificate is not known here',
      message: 'Your certificate is valid, but this site does not know whose it is.',
      nextStep:
        'If you have several certificates, close every window of your browser, open this page again and choose another one. If not, ask the people who run this site to make yours known and give them the reference below.',
    },
  ],
  [
    'session-certificate-mismatch',
    {
      title: 'Your certificate and your sign-in do not belong together',
      message: 'You are signed in, but not with the certificate that your browser shows now: they may be those of different people.',
      nextStep:
        'Close every window of your browser, open this page again and choose the certificate that goes with your sign-in; or sign out, and sign in as the person whose certificate it is.',
    },
  ],
  [
    'client-certificate-too-large',
    {
      title: 'Your certificate is too large',
      message: 'The application behind this address is told of your certificate, and this one is longer than it accepts.',
      nextStep: 'Use another certificate if you have one. If not, tell the people who run this site and give them the reference below.',
    },
  ],
  [
    'client-certificate-header',
    {
      title: 'Your certificate could not be read',
      message: 'A server in front of this site says which certificate your browser has shown, and what it said could not be read.',
      nextStep: 'Try again in a moment. If this goes on, tell the people who run this site and give them the reference below.',
    },
  ],
  [
    'cross-site-request',
    {
      title: 'This came from another site',
      message: 'A page of another site asked for something to be changed here, and this site takes that from its own pages only.',
      nextStep: 'If it was you who asked, open this site itself and do it there.',
    },
  ],
]);
