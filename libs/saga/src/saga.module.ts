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

  static forRoot(options: SagaModuleOptions & SagaModuleExtras = {}): DynamicModule {
    return { module: SagaModule, imports: [SagaCoreModule.forRoot(options)] };
  }

  static forRootAsync(options: SagaModuleAsyncOptions): DynamicModule {
    return { module: SagaModule, imports: [SagaCoreModule.forRootAsync(options)] };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.runtime.work();
  }

  async onModuleDestroy(): Promise<void> {
    await this.runtime.stop();
  }
}
