import type { MailCarrier } from './mail-carrier.js';
import type { Observer } from './observation.js';

/** A message whose carrier died waits this long at most. */
const SWEEP_MS = 5_000;

/** Looks again and again for messages that were left lying. */
export class MailSweeper {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly carrier: MailCarrier,
    private readonly retentionMs: number,
    private readonly observe: Observer,
  ) {}

  start(): void {
    this.timer = setInterval(() => void (this.sweeping ??= this.sweep()), SWEEP_MS);
  }

  /** Waits for the sweep that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      await this.carrier.sweep(this.retentionMs);
    } catch (error) {
      this.observe({ kind: 'store-unavailable', doing: 'look for messages that were left lying', error });
    } finally {
      this.sweeping = undefined;
    }
  }
}
