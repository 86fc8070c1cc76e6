import { Inject, Logger, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';

import { SagaCommandContext } from './definition/saga-command-context.js';
import { SagaExplorer } from './definition/saga.explorer.js';
import { SagaRegistry } from './definition/saga-registry.js';
import { unreachableCommands } from './definition/unreachable-commands.js';
import { findBuses } from './execution/app-buses.js';
import { ConnectedParticipants } from './execution/connected-participants.js';
import { EventListener } from './execution/event-listener.js';
import { MessageStarter, type MessageBuses, SagaWiringError } from './execution/message-starter.js';
import { SagaClient } from './execution/saga-client.js';
import { SagaRuntime } from './execution/saga-runtime.js';
import { lifecyclePublisher } from './observability/lifecycle-publisher.js';
import { sagaLogger } from './observability/saga-logger.js';
import { tellAll } from './observability/tell-all.js';
import { PARTICIPANT_OPTIONS, type ResolvedParticipantOptions } from './participant/participant-options.js';
import {
  ConfigurableModuleClass,
  executionOptions,
  SAGA_EXTRAS,
  SAGA_OPTIONS,
  type SagaModuleExtras,
  type SagaModuleOptions,
} from './saga-module-options.js';
import { OPEN_STORE, type OpenStore, openStore } from './saga-store.factory.js';
import { SagaTransaction } from './store/saga-transaction.js';

/**
 * Global, so it starts before all others and stops after them: options, registry, store, client. The worker is in
 * `SagaModule`, which starts last and stops first.
 */
@Module({
  providers: [
    SagaExplorer,
    SagaRegistry,
    SagaClient,
    SagaTransaction,
    SagaCommandContext,
    ConnectedParticipants,
    {
      provide: OPEN_STORE,
      inject: [SAGA_OPTIONS, SAGA_EXTRAS, ModuleRef],
      useFactory:
        (options: SagaModuleOptions, extras: SagaModuleExtras, moduleRef: ModuleRef): OpenStore =>
        async () =>
          openStore(options, extras, moduleRef),
    },
    {
      provide: SagaRuntime,
      inject: [SAGA_OPTIONS, SAGA_EXTRAS, SagaRegistry, ConnectedParticipants, OPEN_STORE, ModulesContainer],
      useFactory: (
        options: SagaModuleOptions,
        extras: SagaModuleExtras,
        registry: SagaRegistry,
        { clients }: ConnectedParticipants,
        open: OpenStore,
        modules: ModulesContainer,
      ): SagaRuntime => {
        let buses: MessageBuses | undefined;
        const busesOnce = (): MessageBuses => (buses ??= findBuses(modules));
        return new SagaRuntime({
          registry,
          options: executionOptions(options, extras),
          routes: () => ({ participants: clients, commandBus: busesOnce().commandBus }),
          observe: tellAll(
            sagaLogger(),
            lifecyclePublisher(() => busesOnce().eventBus),
          ),
          openStore: open,
        });
      },
    },
  ],
  exports: [SagaClient, SagaTransaction, SagaCommandContext, SagaRuntime],
})
export class SagaCoreModule extends ConfigurableModuleClass implements OnModuleInit, OnApplicationShutdown {
  private readonly messages: MessageStarter;
  private readonly events: EventListener;

  constructor(
    @Inject(SAGA_OPTIONS) private readonly options: SagaModuleOptions,
    private readonly explorer: SagaExplorer,
    private readonly registry: SagaRegistry,
    private readonly participants: ConnectedParticipants,
    private readonly runtime: SagaRuntime,
    private readonly modules: ModulesContainer,
  ) {
    super();
    this.events = new EventListener(registry, async (mail) => runtime.post(mail), sagaLogger());
    this.messages = new MessageStarter(registry, async (saga, input) => runtime.start(saga, input), sagaLogger());
  }

  async onModuleInit(): Promise<void> {
    requireOnce(this.modules);
    this.registry.fill(this.explorer.explore(this.options));
    const buses = findBuses(this.modules);
    this.messages.bind(buses);
    this.events.bind(buses);
    this.warnOfUnreachableCommands();
    await this.participants.create(this.options.participants ?? {});
    await this.runtime.open();
  }

  /** An application without sagas has nothing that would return a command: what it has loaded is its contracts. */
  private warnOfUnreachableCommands(): void {
    const sagas = this.registry.all();
    if (sagas.length === 0) return;
    const participants = new Set([...Object.keys(this.options.participants ?? {}), ...ownParticipants(this.modules)]);
    const started = sagas.flatMap(({ startRules }) => startRules.map(({ message }) => message));
    const handled = new Set<object>([...this.explorer.commandHandlers().keys(), ...started]);
    for (const { type, participant } of unreachableCommands({ participants, handled }))
      logger.warn(
        `${type.name} is for participant '${participant}', which forRoot({ participants }) does not list, and no handler here takes it. A step that returns it will fail.`,
      );
  }

  async onApplicationShutdown(): Promise<void> {
    this.messages.unbind();
    await this.events.unbind();
    await this.participants.close();
    await this.runtime.close();
  }
}

const logger = new Logger('SagaModule');

/** SagaParticipantModule says itself which of its commands have no handler. */
function ownParticipants(modules: ModulesContainer): readonly string[] {
  const options = [...modules.values()].map(
    ({ providers }) => providers.get(PARTICIPANT_OPTIONS)?.instance as ResolvedParticipantOptions | null | undefined,
  );
  return options.flatMap((participant) => participant?.name ?? []);
}

function requireOnce(modules: ModulesContainer): void {
  const imported = [...modules.values()].filter(({ metatype }) => metatype === SagaCoreModule);
  if (imported.length > 1) throw new SagaWiringError('SagaModule.forRoot is imported twice. Import it once, in the root module.');
}
