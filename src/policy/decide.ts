import type { Purpose } from './decision.ts';

/** STUB, replaced by the policy room. */
class AccessPermit {
  readonly #purpose: Purpose;

  constructor(purpose: Purpose) {
    this.#purpose = purpose;
  }

  get routeId(): string {
    return this.#purpose.routeId;
  }

  get path(): string {
    return this.#purpose.path;
  }

  get query(): string {
    return this.#purpose.query;
  }

  get validUntil(): number {
    return this.#purpose.validUntil;
  }
}

export type Permit = AccessPermit;
