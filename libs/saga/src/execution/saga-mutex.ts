/** One at a time, in the order of asking. */
export class SagaMutex {
  private last: Promise<void> = Promise.resolve();

  /** Waits for its turn. The caller must call what it gets, once. */
  acquire(): Promise<() => void> {
    const before = this.last;
    let release: () => void = () => undefined;
    this.last = new Promise<void>((resolve) => (release = resolve));
    return before.then(() => release);
  }

  /** Never begins at once: what comes in until then belongs to the same turn. @param work never rejects */
  run(work: () => Promise<void>): void {
    this.last = this.last.then(work);
  }
}
