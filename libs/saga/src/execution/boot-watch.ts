import { Logger, type LoggerService } from '@nestjs/common';

import { after } from './timers.js';

/** Longer than a boot takes whose database answers. */
const PATIENCE_MS = 5_000;

/** Says once why nothing goes on, where a boot waits for its own end. */
export class BootWatch {
  private stop: (() => void) | undefined;

  constructor(
    private readonly patienceMs = PATIENCE_MS,
    private readonly logger: Pick<LoggerService, 'warn'> = new Logger('SagaModule'),
  ) {}

  /** Somebody waits for the end of the boot. */
  waitedFor(): void {
    this.stop ??= after(this.patienceMs, () =>
      this.logger.warn(
        `SagaClient.whenReady() has been waited for ${this.patienceMs}ms, and the application is still booting. Awaited in a factory, in onModuleInit or in another module's onApplicationBootstrap it holds up the boot that it waits for: await it after app.init() or app.listen(). Starting a saga needs no whenReady().`,
      ),
    );
  }

  /** The boot is over, whether it came to its end or not. */
  over(): void {
    this.stop?.();
    this.stop = () => undefined;
  }
}
