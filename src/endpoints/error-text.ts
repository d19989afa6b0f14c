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
  /** For a page alone: instructions that not everybody needs, folded up. */
  readonly instructions?: readonly Instruction[] | undefined;
}

export interface Instruction {
  readonly heading: string;
  readonly text: string;
}

/** The same for a certificate that is missing and for one that is bad, whatever is wrong with it. */
const certificateNeeded: ErrorText = {
  title: 'A client certificate is needed',
  message: 'Your browser has to show who it belongs to with a certificate: a valid client certificate is required to access this page.',
  steps: [
    'If you have a certificate: close every window of your browser, open this page again, and choose it when you are asked. A browser keeps to its first choice, also to having chosen none, until all of its windows are closed.',
    'If you were not asked, the certificate is not installed yet: import the file that you were given (its name ends in .p12 or .pfx), then close every window and open this page again.',
    'If you have none, if it has expired, or if it still does not work: ask the people who run this site for one and give them the reference below.',
  ],
  short: 'a valid client certificate is required to access this page',
  instructions: [
    {
      heading: 'Import a .p12 file: Windows, with Chrome or Edge',
      text: 'Open the file with a double click. Choose Current User, type the password that came with it, and leave the rest as it is.',
    },
    {
      heading: 'Import a .p12 file: macOS, with Safari, Chrome or Edge',
      text: 'Open the file with a double click: Keychain Access asks for the password that came with it. Choose the keychain called login.',
    },
    {
      heading: 'Import a .p12 file: Firefox',
      text: 'Settings, Privacy & Security, Certificates, View Certificates, Your Certificates, Import. Firefox keeps certificates of its own beside those of the system.',
    },
    {
      heading: 'Import a .p12 file: Linux, with Chrome or Chromium',
      text: 'Settings, Privacy and security, Security, Manage certificates, Your certificates, Import.',
    },
    {
      heading: 'Import a .p12 file: phones and tablets',
      text: 'iPhone and iPad: open the file, then Settings, Profile Downloaded, Install. Android: Settings, Security, Encryption & credentials, Install a certificate, VPN & app user certificate.',
    },
    {
      heading: 'Be asked again, to choose another certificate',
      text: 'Close every window of the browser, private ones as well, and open it anew. Where that does not help: in Firefox, Settings, Privacy & Security, View Certificates, Authentication Decisions, delete the entry of this site; in Chrome and Edge, enter chrome://restart as the address; for Safari, delete the identity preference of this site in Keychain Access.',
    },
  ],
};

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
  [495, certificateNeeded],
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

/** Texts that stand on their own: a refusal for want of a certificate can have another status than its usual one. */
export const namedTexts: Readonly<Record<'client-certificate', ErrorText>> = { 'client-certificate': certificateNeeded };

/** The text for a status; one that Postern does not answer by itself gets the general text of its class. */
export function errorText(status: number): ErrorText {
  return texts.get(status) ?? (status >= 500 ? failed : refused);
}
