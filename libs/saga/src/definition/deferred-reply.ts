/**
 * What a command handler returns whose answer comes later: `SagaCommandContext.defer()` makes one. Its work so far is durable, and the saga waits, until somebody
 * answers with the token: `DeferredReplies.complete(token, result)` or `reject(token, error)`.
 */
export class DeferredReply {
  /** @param token a text of at most 1,000 characters, for whoever answers. Who has it can answer: treat it as a password. */
  constructor(readonly token: string) {}
}
