import { setTimeout as pause } from 'node:timers/promises';

import type { ForkedProcess } from './forked-process.js';

/** A boot that meets a database which is away fails; so many in a row have another reason. */
const BOOTS_IN_A_ROW = 10;
const LOOK_MS = 20;

export interface CrewOptions<P> {
  /** How many there are. */
  readonly size: number;
  /** @param name of the process: which one it is, in which of its lives */
  boot(name: string): Promise<P>;
  /** Nothing is booted any more. */
  isClosed(): boolean;
}

/** Processes of a kind: for each that dies another one is booted, until they leave or all is closed. */
export class Crew<P extends ForkedProcess> {
  private readonly alive = new Set<P>();
  private readonly frozen = new Set<P>();
  private isOver = false;
  /** Rejects when none boots any more; resolves when all have gone. */
  readonly isKept: Promise<unknown>;

  constructor(private readonly options: CrewOptions<P>) {
    this.isKept = Promise.all(Array.from({ length: options.size }, async (_, index) => this.keep(index + 1)));
  }

  awake(): readonly P[] {
    return [...this.alive].filter((one) => one.isRunning && !this.frozen.has(one));
  }

  /** Asks one of them, and another where it died before it answered, or could not. */
  async ask(pick: number, ask: (one: P) => Promise<unknown>): Promise<void> {
    while (this.goesOn) {
      const awake = this.awake();
      const one = awake[pick % awake.length];
      const isDone =
        one !== undefined &&
        (await ask(one).then(
          () => true,
          () => false,
        ));
      if (isDone) return;
      await pause(LOOK_MS);
    }
  }

  async isAwake(count: number): Promise<void> {
    while (this.goesOn && this.awake().length < count) await pause(LOOK_MS);
  }

  freeze(one: P, ms: number): void {
    this.frozen.add(one);
    one.signal('SIGSTOP');
    setTimeout(() => {
      one.signal('SIGCONT');
      this.frozen.delete(one);
    }, ms);
  }

  /** Stops all, the frozen ones once they go on. Nothing is done after it. */
  async leave(): Promise<void> {
    this.isOver = true;
    for (const one of this.alive) one.signal('SIGTERM');
    await this.isKept;
  }

  private get goesOn(): boolean {
    return !this.isOver && !this.options.isClosed();
  }

  private async keep(number: number): Promise<void> {
    for (let life = 1, failed = 0; this.goesOn; life += 1) {
      try {
        const one = await this.options.boot(`${number}, life ${life}`);
        failed = 0;
        this.alive.add(one);
        if (!this.goesOn) one.signal('SIGTERM');
        await one.exited;
        this.alive.delete(one);
      } catch (error) {
        if (!this.goesOn) return;
        if ((failed += 1) === BOOTS_IN_A_ROW) throw error;
      }
    }
  }
}
