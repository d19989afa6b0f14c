/** What a visitor and a program are told about one status. None of it says why a rule or a certificate failed. */
export interface ErrorText {
  readonly title: string;
  /** What happened. */
  readonly message: string;
  /** What the visitor can do next: one sentence, or a list of things to try. */
  readonly steps: readonly string[];
  /** For programs: the `error` of a JSON body, the message of a gRPC status. */
  readonly short: string;
  readonly link?: { readonly href: string; readonly text: string } | undefined;
}

const askTheOperator = 'If this goes on, tell the people who run this site and give them the reference below.';

const texts: ReadonlyMap<number, ErrorText> = new Map([
  [
    400,
    {
      title: 'This request could not be read',
      message: 'Something in the address or in the request was not as it has to be, so it was refused.',
      steps: ['Check the address for typing errors, or start again from the page you came from.', askTheOperator],
      short: 'Bad Request',
    },
  ],
  [
    401,
    {
      title: 'You are not signed in',
      message: 'Only people who are signed in can open this page.',
      steps: ['Open the page in a browser window of its own: you are asked to sign in and then brought back.'],
      short: 'Unauthenticated',
    },
  ],
  [
    403,
    {
      title: 'You do not have access',
      message: 'The rules of this site do not let you open this page.',
      steps: [
        'If you have several accounts, look which one you are signed in with.',
        'If you think that you should have access, ask the people who run this site and give them the reference below.',
      ],
      short: 'Forbidden',
      link: { href: '/.pomerium/', text: 'Who am I signed in as?' },
    },
  ],
  [
    404,
    {
      title: 'There is no such page',
      message: 'Nothing is served at this address.',
      steps: ['Check the address for typing errors, or start again from the page you came from.'],
      short: 'Not Found',
    },
  ],
  [
    405,
    {
      title: 'That is not possible here',
      message: 'This address exists, but it does not take requests of this kind.',
      steps: ['Open the address by itself in your browser, or start again from the page you came from.'],
      short: 'Method Not Allowed',
    },
  ],
  [
    408,
    {
      title: 'The request took too long',
      message: 'Your browser did not send the whole request in time.',
      steps: ['Check your network connection and reload the page.', askTheOperator],
      short: 'Request Timeout',
    },
  ],
  [
    421,
    {
      title: 'Please reload this page',
      message: 'Your browser asked for this page over a connection that it had opened for another site.',
      steps: ['Reload the page, and if it comes up again, close all windows of your browser before you open it anew.'],
      short: 'Misdirected Request',
    },
  ],
  [
    431,
    {
      title: 'The request was too large',
      message: 'Your browser sent more headers than are accepted here, most often because of many or large cookies.',
      steps: ['Delete the cookies of this site and reload the page.', askTheOperator],
      short: 'Request Header Fields Too Large',
    },
  ],
  [
    495,
    {
      title: 'A client certificate is needed',
      message: 'Your browser has to show who it belongs to with a certificate: a valid client certificate is required to access this page.',
      steps: [
        'If you have a certificate: close every window of your browser, open this page again, and choose it when you are asked. A browser keeps to its first choice until it is closed.',
        'If you were not asked, the certificate is not installed yet: open the file that you were given (its name ends in .p12 or .pfx) and follow the steps shown.',
        'If that does not help, import the file by hand. Firefox: Settings, Privacy & Security, View Certificates, Your Certificates. Chrome and Edge: Settings, Privacy and security, Security, Manage certificates. Safari: Keychain Access.',
        'If you have none, if it has expired, or if it still does not work: ask the people who run this site for one and give them the reference below.',
      ],
      short: 'a valid client certificate is required to access this page',
    },
  ],
  [
    500,
    {
      title: 'Something went wrong',
      message: 'The page could not be shown because of a fault on our side.',
      steps: ['Try again in a moment.', askTheOperator],
      short: 'Internal Server Error',
    },
  ],
  [
    501,
    {
      title: 'That is not possible here',
      message: 'The request asks for something that is not supported.',
      steps: ['Start again from the page you came from.', askTheOperator],
      short: 'Not Implemented',
    },
  ],
  [
    502,
    {
      title: 'The application did not answer properly',
      message: 'Your request reached the application behind this address, but its answer was broken or ended early.',
      steps: ['Try again in a moment.', askTheOperator],
      short: 'Bad Gateway',
    },
  ],
  [
    503,
    {
      title: 'This page is not available right now',
      message: 'Something that is needed to show this page cannot be reached.',
      steps: ['Try again in a moment.', askTheOperator],
      short: 'Service Unavailable',
    },
  ],
  [
    504,
    {
      title: 'The application took too long',
      message: 'The application behind this address did not answer in time.',
      steps: ['Try again in a moment.', askTheOperator],
      short: 'Gateway Timeout',
    },
  ],
]);

const refused: ErrorText = {
  title: 'This request was refused',
  message: 'The request cannot be answered as it was made.',
  steps: ['Start again from the page you came from.', askTheOperator],
  short: 'Request refused',
};

const failed: ErrorText = {
  title: 'Something went wrong',
  message: 'The page could not be shown because of a fault on our side.',
  steps: ['Try again in a moment.', askTheOperator],
  short: 'Request failed',
};

/** The text for a status; one that Postern does not answer by itself gets the general text of its class. */
export function errorText(status: number): ErrorText {
  return texts.get(status) ?? (status >= 500 ? failed : refused);
}
