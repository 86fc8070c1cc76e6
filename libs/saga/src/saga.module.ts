import { type DynamicModule, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { SagaRuntime } from './execution/saga-runtime.js';
import { SagaCoreModule } from './saga-core.module.js';
import type { SagaModuleAsyncOptions, SagaModuleExtras, SagaModuleOptions } from './saga-module-options.js';

/**
 * Runs the application's sagas. Import it once, in the root module; sagas are providers of any module.
 *
 * At boot all definitions are checked, and nothing starts where one is faulty. From `onApplicationBootstrap` on this process
 * executes sagas; on shutdown it stops first, and gives back what it could not end (`app.enableShutdownHooks()`).
 */
@Module({})
export class SagaModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly runtime: SagaRuntime) {}

  /**
   * Without options: on the PostgreSQL of the unnamed TypeORM data source. The application does not start where an option is nonsense
   * (RangeError, which names it) or something is missing: the error says what to add.
   */
  static forRoot(options: SagaModuleOptions & SagaModuleExtras = {}): DynamicModule {
    return { module: SagaModule, imports: [SagaCoreModule.forRoot(options)] };
  }

  /** With `useFactory`, `useClass` or `useExisting`; the class has `createSagaOptions()`. `store` and `dataSource` stand beside it. */
  static forRootAsync(options: SagaModuleAsyncOptions): DynamicModule {
    return { module: SagaModule, imports: [SagaCoreModule.forRootAsync(options)] };
  }

  /** Nest's: from here on this process executes sagas. */
  async onApplicationBootstrap(): Promise<void> {
    await this.runtime.work();
  }

  /** Nest's: takes up no saga any more, and lets attempts end. */
  async onModuleDestroy(): Promise<void> {
    await this.runtime.stop();
  }
}
