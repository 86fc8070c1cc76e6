import type { Logger } from '@nestjs/common';

/** What can forget. */
export interface Sweepable {
  /** Deletes up to `limit` rows that were not touched for `ageMs`. Returns how many. */
  sweep(ageMs: number, limit: number): Promise<number>;
}

const EVERY_MS = 60 * 60 * 1_000;
/** Few enough that no sweep holds many row locks at once. */
const BATCH = 1_000;
/**
 * Rows are kept this much longer than commands are taken: the clock that a command was dated by may be ahead of, or
 * behind, the one that deletes.
 */
const CLOCK_MARGIN_MS = 24 * 60 * 60 * 1_000;

/** Deletes fence rows that no command can ask for any more. */
export class FenceSweeper {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly fence: Sweepable,
    private readonly retentionMs: number,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep(), EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }

  /** All that has expired, batch by batch. Returns how many rows. */
  async sweep(): Promise<number> {
    let swept = 0;
    try {
      while (!this.stopped) {
        const batch = await this.fence.sweep(this.retentionMs + CLOCK_MARGIN_MS, BATCH);
        swept += batch;
        if (batch < BATCH) break;
      }
    } catch (error) {
      this.logger.warn('Expired fence rows could not be deleted; the next sweep tries again', { error: String(error) });
    }
    return swept;
  }
}
