import type { Type } from '@nestjs/common';

/** A message that starts a saga without being its input. Made by `on`. */
export class StartRule<I> {
  private constructor(
    /** Command or event class. */
    readonly message: Type<unknown>,
    /** Makes the input of what the message carries. */
    readonly inputOf: (message: never) => I,
  ) {}

  /** @internal */
  static of<M, I>(message: Type<M>, inputOf: (message: M) => I): StartRule<I> {
    return new StartRule<I>(message, inputOf);
  }
}

/**
 * Starts a saga by a message of another shape: `startedBy: on(CartPaid, (event) => new PlaceOrder(event.cartId))`.
 *
 * @param input pure: it runs again when the message is delivered again, and must give an equal input then
 */
export function on<M, I>(message: Type<M>, input: (message: M) => I): StartRule<I> {
  return StartRule.of(message, input);
}
