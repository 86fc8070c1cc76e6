/**
 * Lets a limited number of pieces of work run at once; the others wait in order.
 *
 * It bounds transactions on the application's pool: what runs inside one may need a second connection, and with as many
 * transactions as the pool has connections, all would wait for one another for ever. [R34]
 */
export class Semaphore {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(slots: number) {
    this.free = slots;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      this.give();
    }
  }

  private take(): Promise<void> | void {
    if (this.free === 0) return new Promise((resolve) => this.queue.push(resolve));
    this.free -= 1;
  }

  /** A slot that somebody waits for is handed over: who comes later must not overtake. */
  private give(): void {
    const next = this.queue.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}
