import { ConfigurableModuleBuilder, type ConfigurableModuleAsyncOptions, type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { CommandCatalog } from './command-catalog.js';
import { DeferredReplies } from './deferred-replies.js';
import { ParticipantDatabase } from './participant-database.js';
import { DATA_SOURCE_NAME, PARTICIPANT_OPTIONS, resolveParticipantOptions, type SagaParticipantOptions } from './participant-options.js';
import { createCommandController, listen } from './saga-command.controller.js';
import { SagaParticipant } from './saga-participant.js';
import { SagaParticipantCoreModule } from './saga-participant-core.module.js';

/** What decides the wiring itself, so it stands beside a factory, not in its result. */
export interface SagaParticipantExtras {
  /** Name of the TypeORM data source that the handlers work on. Default: the unnamed one. */
  dataSource?: string;
}

/** Of `SagaParticipantModule.forRootAsync`: where the options come from, and beside it the data source. */
export type SagaParticipantAsyncOptions = ConfigurableModuleAsyncOptions<SagaParticipantOptions, 'createSagaParticipantOptions'> &
  SagaParticipantExtras;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SagaParticipantOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createSagaParticipantOptions')
  .setExtras<SagaParticipantExtras>({ dataSource: undefined }, withParticipant)
  .build();

/**
 * Makes this application a participant: its command handlers take commands of sagas over any Nest transport, and what they
 * do takes effect once.
 *
 * Works where messages arrive, in a microservice or a hybrid application. Needs `CqrsModule.forRoot()` and a
 * `TypeOrmModule` on PostgreSQL. Global interceptors of a pure microservice see the commands too: one that reshapes what
 * handlers return breaks the replies.
 */
@Module({})
export class SagaParticipantModule extends ConfigurableModuleClass {
  /** The application does not start where an option is nonsense or something is missing: the error names it. */
  static override forRoot(options: SagaParticipantOptions & SagaParticipantExtras): DynamicModule {
    return super.forRoot(options);
  }

  /** With `useFactory`, `useClass` or `useExisting`; the class has `createSagaParticipantOptions()`. */
  static override forRootAsync(options: SagaParticipantAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }
}

function withParticipant(definition: DynamicModule, { dataSource = 'default' }: SagaParticipantExtras): DynamicModule {
  const controller = createCommandController();
  return {
    ...definition,
    imports: [...(definition.imports ?? []), DiscoveryModule, SagaParticipantCoreModule],
    controllers: [controller],
    providers: [
      ...(definition.providers ?? []),
      { provide: DATA_SOURCE_NAME, useValue: dataSource },
      {
        provide: PARTICIPANT_OPTIONS,
        inject: [MODULE_OPTIONS_TOKEN],
        useFactory: async (given: SagaParticipantOptions) => {
          const options = resolveParticipantOptions(given);
          await listen(controller, options.name);
          return options;
        },
      },
      CommandCatalog,
      ParticipantDatabase,
      SagaParticipant,
      DeferredReplies,
    ],
    // Global: what answers later is injected wherever the answer comes in.
    global: true,
    exports: [SagaParticipantCoreModule, DeferredReplies],
  };
}
