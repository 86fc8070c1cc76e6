import type { Observer } from './observation.js';

export interface Chore {
  readonly everyMs: number;
  /** As in `could not …`, for the log. */
  readonly doing: string;
  /** Ends early where it may not go on. */
  sweep(mayGoOn: () => boolean): Promise<unknown>;
}

/** Does something again and again while this node works, never twice at a time. What fails is left to the next time. */
export class Sweeper {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly chore: Chore,
    private readonly observe: Observer,
  ) {}

  start(): void {
    this.timer = setInterval(() => void (this.sweeping ??= this.sweep()), this.chore.everyMs);
  }

  /** Waits for the sweep that is under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      await this.chore.sweep(() => !this.isStopped);
    } catch (error) {
      this.observe({ kind: 'store-unavailable', doing: this.chore.doing, error });
    } finally {
      this.sweeping = undefined;
    }
  }
}
