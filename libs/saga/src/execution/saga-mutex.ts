/** One at a time, in the order of asking. */
export class SagaMutex {
  private last: Promise<unknown> = Promise.resolve();

  /** Waits for its turn. The caller must call what it gets, once. */
  acquire(): Promise<() => void> {
    const before = this.last;
    let release: () => void = () => undefined;
    this.last = new Promise<void>((resolve) => (release = resolve));
    return before.then(() => release);
  }

  /** Never begins at once: what comes in until then belongs to the same turn. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
