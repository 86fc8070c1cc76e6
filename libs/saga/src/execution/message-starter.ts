import type { Type } from '@nestjs/common';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { type CommandBus, CommandHandler, type EventBus, type ICommandHandler } from '@nestjs/cqrs';
import { Subscription } from 'rxjs';

import type { RegisteredSaga, SagaStartRule } from '../definition/registered-saga.js';
import type { SagaRegistry } from '../definition/saga-registry.js';
import { SagaError } from '../planning/saga-error.js';
import type { Observer } from './observation.js';
import type { Started } from './saga-starter.js';

export interface MessageBuses {
  readonly commandBus: CommandBus | undefined;
  readonly eventBus: EventBus | undefined;
}

/** A saga is started by messages that cannot reach it in this application. */
export class SagaWiringError extends SagaError {
  readonly code = 'SAGA_WIRING';
}

/** Starts sagas by the commands and events that they name. A command resolves with the saga's id, once that is durable. */
export class MessageStarter {
  private readonly subscriptions = new Subscription();

  constructor(
    private readonly registry: SagaRegistry,
    private readonly start: (saga: RegisteredSaga, input: unknown) => Promise<Started>,
    private readonly observe: Observer,
  ) {}

  /** @throws SagaWiringError where a saga is started by a message and the application has no bus for it */
  bind({ commandBus, eventBus }: MessageBuses): void {
    for (const saga of this.startable()) {
      for (const rule of saga.startRules) {
        if (rule.kind === 'command') this.bindCommand(required(commandBus, { bus: 'CommandBus', saga, rule }), saga, rule);
        else this.bindEvent(required(eventBus, { bus: 'EventBus', saga, rule }), saga, rule);
      }
    }
  }

  unbind(): void {
    this.subscriptions.unsubscribe();
  }

  /** Messages start the highest version alone. [R23] */
  private startable(): readonly RegisteredSaga[] {
    return this.registry.all().filter((saga) => this.registry.latest(saga.definition.name) === saga);
  }

  private bindCommand(bus: CommandBus, saga: RegisteredSaga, { message, inputOf }: SagaStartRule): void {
    const { start } = this;
    class StartSagaHandler {
      async execute(command: object): Promise<string> {
        return (await start(saga, inputOf(command))).id;
      }
    }
    CommandHandler(message as Parameters<typeof CommandHandler>[0])(StartSagaHandler);
    const wrapper = { metatype: StartSagaHandler as Type, instance: new StartSagaHandler(), isDependencyTreeStatic: () => true };
    bus.register([wrapper as unknown as InstanceWrapper<ICommandHandler>]);
  }

  private bindEvent(bus: EventBus, saga: RegisteredSaga, { message, inputOf }: SagaStartRule): void {
    const { name } = saga.definition;
    const startBy = async (event: object): Promise<void> => {
      try {
        await this.start(saga, inputOf(event));
      } catch (error) {
        this.observe({ kind: 'start-failed', name, message: message.name, error });
      }
    };
    this.subscriptions.add(
      bus.subscribe((event) => {
        if (event instanceof message) void startBy(event);
      }),
    );
  }
}

function required<Bus>(
  bus: Bus | undefined,
  { bus: name, saga, rule }: { readonly bus: string; readonly saga: RegisteredSaga; readonly rule: SagaStartRule },
): Bus {
  if (bus !== undefined) return bus;
  throw new SagaWiringError(
    `${saga.definition.name} is started by ${rule.message.name}, but there is no ${name}. Import CqrsModule.forRoot() in the root module.`,
    { saga: saga.definition.name },
  );
}
