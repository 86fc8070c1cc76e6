/** Nobody has come out for so long: something holds up all that are inside, and whoever waits is to learn of it for himself. */
export const STALLED_AFTER_MS = 1_000;

/** Lets so many through at a time; the others wait in the order of asking. */
export class Gate {
  private inside = 0;
  private readonly waiting = new Set<() => void>();
  private hasMoved = false;
  private isWatched = false;

  constructor(private readonly places: number) {}

  /** @param run is given how to let the next one in before it is done; when it is done, however, the next one comes in any case */
  async pass<T>(run: (leave: () => void) => Promise<T>): Promise<T> {
    if (this.inside < this.places) this.inside += 1;
    else await this.turn();
    let isInside = true;
    const leave = (): void => {
      if (isInside) this.letNextIn();
      isInside = false;
    };
    try {
      return await run(leave);
    } finally {
      leave();
    }
  }

  private turn(): Promise<void> {
    this.watch();
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  /** The place goes from one to the next. */
  private letNextIn(): void {
    this.hasMoved = true;
    const [next] = this.waiting;
    if (next === undefined) this.inside -= 1;
    else this.admit(next);
  }

  private admit(one: () => void): void {
    this.waiting.delete(one);
    one();
  }

  private watch(): void {
    if (this.isWatched) return;
    this.isWatched = true;
    this.hasMoved = false;
    const look = (): void => {
      this.isWatched = false;
      if (!this.hasMoved) this.admitAll();
      if (this.waiting.size > 0) this.watch();
    };
    setTimeout(look, STALLED_AFTER_MS).unref();
  }

  private admitAll(): void {
    this.inside += this.waiting.size;
    for (const one of [...this.waiting]) this.admit(one);
  }
}
