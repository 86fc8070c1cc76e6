import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';

import { handledCommand } from '../definition/command-handlers.js';
import { loadedCommands } from '../definition/command-registry.js';
import { instancesOf } from '../definition/provided-instances.js';
import { SagaParticipantError } from './fence-errors.js';
import { handlerOptionsOf } from './saga-handler.decorator.js';
import type { SagaStatusHandler } from './saga-status-handler.js';

export interface KnownCommand {
  readonly type: Type<object>;
  /** The handler's class. */
  readonly handler: Type<object>;
  readonly external: boolean;
  /** Who knows what became of it outside. */
  readonly status: SagaStatusHandler | undefined;
}

/** Which commands this application can handle, and on which bus. */
@Injectable()
export class CommandCatalog {
  private handlers: ReadonlyMap<unknown, Type<object>> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * The application's only bus.
   * @throws SagaParticipantError where it has none, or several
   */
  bus(): CommandBus {
    const buses = instancesOf(this.modules, CommandBus);
    const [bus] = buses;
    if (bus === undefined)
      throw new SagaParticipantError('SagaParticipantModule found no CommandBus. Import CqrsModule.forRoot() in the root module.');
    if (buses.size > 1) {
      throw new SagaParticipantError(
        `SagaParticipantModule found ${buses.size} CommandBuses, and cannot know which one has your handlers: CqrsModule and CqrsModule.forRoot() give one each. Import CqrsModule.forRoot() once, in the root module.`,
      );
    }
    return bus;
  }

  /** @returns text that says why not, where this participant does not handle a command of that name */
  find(name: string, participant: string): KnownCommand | string {
    const command = loadedCommands().find((loaded) => loaded.name === name);
    if (command === undefined) {
      return `Participant '${participant}' knows no command '${name}'. Declare it with @SagaCommand and give it a @CommandHandler, or wait until its new version runs everywhere.`;
    }
    if (command.participant !== participant) {
      return `Command '${name}' belongs to participant '${command.participant}', and this is '${participant}'. Look at participants in SagaModule.forRoot.`;
    }
    const handler = this.handlerOf(command.type);
    if (handler === undefined)
      return `Participant '${participant}' has no @CommandHandler(${command.type.name}) for command '${name}'. Provide one in a module.`;
    return { type: command.type, handler, external: handlerOptionsOf(handler).external === true, status: this.statusOf(handler) };
  }

  /** @throws SagaParticipantError where a handler of this participant names a status that cannot be asked */
  requireStatuses(participant: string): void {
    for (const { type } of loadedCommands().filter((command) => command.participant === participant)) {
      const handler = this.handlerOf(type);
      if (handler !== undefined) this.statusOf(handler);
    }
  }

  /** Classes of commands that name this participant and that nothing here handles. */
  unhandled(participant: string): readonly string[] {
    const own = loadedCommands().filter((command) => command.participant === participant);
    return own.filter((command) => this.handlerOf(command.type) === undefined).map((command) => command.type.name);
  }

  private statusOf(handler: Type<object>): SagaStatusHandler | undefined {
    const { status, external } = handlerOptionsOf(handler);
    if (status === undefined) return undefined;
    const named = `${handler.name} names ${status.name} as its status`;
    if (external !== true) throw new SagaParticipantError(`${named}, and is not external. Add external: true, or leave status out.`);
    const found = this.discovery.getProviders().find(({ metatype }) => metatype === status);
    if (found === undefined)
      throw new SagaParticipantError(`${named}, which is not provided. Add it to \`providers\` of a module that the application imports.`);
    if (!found.isDependencyTreeStatic())
      throw new SagaParticipantError(`${named}, which is request-scoped. Ask with a provider that lives as long as the application.`);
    return found.instance as SagaStatusHandler;
  }

  private handlerOf(command: Type<object>): Type<object> | undefined {
    this.handlers ??= this.exploreHandlers();
    return this.handlers.get(command);
  }

  private exploreHandlers(): ReadonlyMap<unknown, Type<object>> {
    const handlers = new Map<unknown, Type<object>>();
    for (const { inject, instance, metatype } of this.discovery.getProviders()) {
      const type: unknown = inject ? (instance as object | null)?.constructor : metatype;
      if (typeof type !== 'function') continue;
      const command = handledCommand(type);
      if (command !== undefined) handlers.set(command, type as Type<object>);
    }
    return handlers;
  }
}
