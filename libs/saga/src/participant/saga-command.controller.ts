import { Controller, type Type } from '@nestjs/common';

import { SagaParticipantError } from './fence-errors.js';
import { commandPattern, type CommandReply } from './protocol.js';
import { SagaParticipant } from './saga-participant.js';

export interface CommandController {
  handle(message: unknown): Promise<CommandReply>;
}

/**
 * A class of its own for each participant: the pattern that it listens to hangs on its method, and two participants in one
 * process, as in a test, listen to different ones.
 */
export function createCommandController(): Type<CommandController> {
  @Controller()
  class SagaCommandController implements CommandController {
    constructor(private readonly participant: SagaParticipant) {}

    handle(message: unknown): Promise<CommandReply> {
      return this.participant.handle(message);
    }
  }
  return SagaCommandController;
}

/**
 * Does what `@MessagePattern` would. Nest reads it when a microservice is connected or initialised, which is after all
 * asynchronous providers have resolved: so the name may come from a factory.
 */
export async function listen(controller: Type<CommandController>, participant: string): Promise<void> {
  const { MessagePattern } = await import('@nestjs/microservices').catch((cause: unknown) => {
    throw new SagaParticipantError('SagaParticipantModule needs @nestjs/microservices: npm install @nestjs/microservices.', { cause });
  });
  const prototype = controller.prototype as CommandController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'handle') as TypedPropertyDescriptor<unknown>;
  MessagePattern(commandPattern(participant))(prototype, 'handle', descriptor);
}
