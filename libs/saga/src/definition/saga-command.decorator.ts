import type { Type } from '@nestjs/common';
import type { Command } from '@nestjs/cqrs';

import { registerCommand } from './command-registry.js';

/**
 * Gives a command its name on the wire and says which participant handles it. A participant that `forRoot` does not list
 * is this process: the command runs at its own `@CommandHandler`.
 *
 * @throws SagaCommandError, while the file is loaded, where another class has the name already
 */
export function SagaCommand(options: { name: string; participant: string }): <C extends Type<Command<any>>>(command: C) => void {
  return (command) => registerCommand(command, options);
}
