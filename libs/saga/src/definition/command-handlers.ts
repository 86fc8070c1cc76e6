import 'reflect-metadata';

import type { Type } from '@nestjs/common';

/** Where `@CommandHandler` of @nestjs/cqrs keeps the command's class. The package does not export the key. */
const COMMAND_HANDLER_METADATA = '__commandHandler__';

/** The command class that a provider's class handles, on its own account or its base's, as the CommandBus sees it. */
export function handledCommand(handler: object): Type<object> | undefined {
  const command: unknown = Reflect.getMetadata(COMMAND_HANDLER_METADATA, handler);
  return typeof command === 'function' ? (command as Type<object>) : undefined;
}
