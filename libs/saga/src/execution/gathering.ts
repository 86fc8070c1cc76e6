/**
 * Does one piece of work for each key at a time. What is asked for while it is under way is one more piece, and whoever asked
 * gets the end of that: a burst costs few.
 */
export class Gathering {
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly next = new Map<string, Promise<void>>();

  /** Resolves, or rejects, with a piece of work that began after this was called. */
  async run(key: string, work: () => Promise<void>): Promise<void> {
    const current = this.underWay.get(key);
    if (current === undefined) return this.begin(key, work);
    const known = this.next.get(key);
    if (known !== undefined) return known;
    const next = current.then(
      async () => this.begin(key, work),
      async () => this.begin(key, work),
    );
    this.next.set(key, next);
    return next;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled([...this.underWay.values()]);
  }

  private async begin(key: string, work: () => Promise<void>): Promise<void> {
    this.next.delete(key);
    const done = work();
    this.underWay.set(key, done);
    try {
      await done;
    } finally {
      if (this.underWay.get(key) === done) this.underWay.delete(key);
    }
  }
}
