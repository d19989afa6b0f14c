/** The pool was given back: whoever still sends through it holds a lease on nothing. */
export class TransportClosed extends Error {
  readonly code = 'ERR_TRANSPORT_CLOSED';

  constructor() {
    super('The connections to this upstream are being closed');
  }
}
