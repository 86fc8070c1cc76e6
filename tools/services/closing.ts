import { setMaxListeners } from 'node:events';

/** Why a run ended before its end: a signal. */
export class Interrupted extends Error {
  constructor(readonly by: NodeJS.Signals) {
    super(`Interrupted by ${by}.`);
  }
}

interface Held {
  readonly name: string;
  readonly close: () => Promise<void>;
}

/**
 * What has to be closed at the end, last opened first, whatever ends the run. A thing is held from the moment that its opening
 * begins: an interrupt in the middle of it waits until it is open, and closes it then, so nothing is left behind.
 */
export class Closing {
  private readonly held: Held[] = [];
  private readonly interrupt = new AbortController();
  private closed: Promise<void> | undefined;

  constructor(private readonly say: (line: string) => void) {
    setMaxListeners(0, this.interrupt.signal); // one for each wait and request under way
  }

  /** Aborted when closing begins; waits of the run listen to it. */
  get signal(): AbortSignal {
    return this.interrupt.signal;
  }

  /** Opens a thing and holds it. Opens nothing once closing began. */
  async open<T>(name: string, opening: () => Promise<T>, close: (opened: T) => Promise<void>): Promise<T> {
    this.signal.throwIfAborted();
    const opened = opening();
    this.held.push({
      name,
      close: async () => {
        const thing = await opened.then(
          (value) => ({ value }),
          () => null,
        );
        if (thing) await close(thing.value);
      },
    });
    const thing = await opened;
    this.signal.throwIfAborted();
    return thing;
  }

  /** Closes everything, once; later calls wait for the first. A thing that does not close is reported, and the rest is closed. */
  close(reason: Error): Promise<void> {
    this.interrupt.abort(reason);
    this.closed ??= this.closeAll();
    return this.closed;
  }

  private async closeAll(): Promise<void> {
    for (const { name, close } of this.held.toReversed()) {
      try {
        await close();
      } catch (error) {
        this.say(`${name} did not stop: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
