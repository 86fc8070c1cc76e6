import { setImmediate as yieldToOthers } from 'node:timers/promises';

/** Does something with all of them, so many at a time; timers and requests have their turn between. */
export async function inTurns<T>(all: readonly T[], atOnce: number, perform: (one: T) => Promise<void>): Promise<void> {
  for (let done = 0; done < all.length; done += atOnce) {
    if (done > 0) await yieldToOthers();
    await Promise.all(all.slice(done, done + atOnce).map(perform));
  }
}
