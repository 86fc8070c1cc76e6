/**
 * The answer of a command handler that comes later: `SagaCommandContext.defer()` makes one, and the handler returns its `later`. Its work so far is durable then, and the
 * saga waits until somebody answers with the token: `DeferredReplies.complete(token, result)` or `reject(token, refusal)`.
 */
export class DeferredReply {
  constructor(
    /** For whoever answers: letters, digits, - and _, some 200 of them with names of usual length. Who has it can answer: treat it as a password. */
    readonly token: string,
  ) {}

  /** What the handler returns. Its type fits whatever the command results in. */
  get later(): never {
    return this as never;
  }
}
