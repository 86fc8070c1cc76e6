/** One at a time, in the order of asking. */
export class SagaMutex {
  private last: Promise<void> = Promise.resolve();

  /** Waits for its turn. The caller must call what it gets, once. */
  async acquire(): Promise<() => void> {
    const before = this.last;
    let release: () => void = () => undefined;
    this.last = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }
}
