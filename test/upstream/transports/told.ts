import type { AnswerController, AnswerHandler } from '../../../src/upstream/transport.ts';

/** A handler that writes down what it is told. */
export class Told implements AnswerHandler {
  /** What is lent it copies, and gives back when the test does so. */
  takesLoans = false;
  onLoan: (giveBack: () => void) => void = (giveBack) => giveBack();
  readonly events: string[] = [];
  readonly chunks: Buffer[] = [];
  controller: AnswerController | undefined;
  error: unknown;
  readonly over: Promise<this>;
  onStart: (controller: AnswerController) => void = () => undefined;
  onData: (controller: AnswerController) => void = () => undefined;
  readonly #end: (self: this) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<this>();
    this.over = promise;
    this.#end = resolve;
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  onRequestStart(controller: AnswerController): void {
    this.controller = controller;
    this.events.push('start');
    this.onStart(controller);
  }
  onBodySent(): void {
    this.events.push('sent');
  }
  onResponseStarted(): void {
    this.events.push('begun');
  }
  onResponseStart({ fields, isWhole }: AnswerController, status: number): void {
    this.events.push(`${status}${isWhole === true ? ' whole' : ''} ${(fields ?? []).join(',')}`);
  }
  onResponseData(controller: AnswerController, chunk: Buffer, giveBack?: () => void): void {
    this.chunks.push(giveBack === undefined ? chunk : Buffer.from(chunk));
    this.onData(controller);
    if (giveBack !== undefined) this.onLoan(giveBack);
  }
  onResponseEnd({ trailers }: AnswerController): void {
    this.events.push(`end ${(trailers ?? []).join(',')}`);
    this.#end(this);
  }
  onResponseError(_controller: unknown, error: Error): void {
    this.error = error;
    this.events.push(`error ${'code' in error ? String(error.code) : error.name}`);
    this.#end(this);
  }
}
