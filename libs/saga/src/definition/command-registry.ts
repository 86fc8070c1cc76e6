import 'reflect-metadata';

import type { Type } from '@nestjs/common';

import { SagaError } from '../planning/saga-error.js';

/** How a command is known outside this process. */
export interface CommandName {
  /** On the wire. */
  readonly name: string;
  readonly participant: string;
}

export interface LoadedCommand extends CommandName {
  readonly type: Type<object>;
}

/** A command class that the wire could not tell from another, or not name at all. */
export class SagaCommandError extends SagaError {
  readonly code = 'SAGA_COMMAND';
}

const COMMAND = Symbol.for('nestjs-sagas.command');

/** By wire name: every decorated class that this process has loaded. */
const loaded = new Map<string, LoadedCommand>();

export function registerCommand(type: Type<object>, { name, participant }: CommandName): void {
  if (!name || !participant) throw new SagaCommandError(`${type.name} needs both: @SagaCommand({ name: '…', participant: '…' }).`);
  const other = loaded.get(name);
  if (other !== undefined) {
    throw new SagaCommandError(
      `${other.type.name} and ${type.name} are both @SagaCommand({ name: '${name}' }). Give each a name of its own.`,
    );
  }
  loaded.set(name, { type, name, participant });
  Reflect.defineMetadata(COMMAND, { name, participant } satisfies CommandName, type);
}

/** Of a command or its class; undefined where the class itself is not decorated: a subclass does not inherit the name. */
export function commandNameOf(command: object): CommandName | undefined {
  const type: unknown = typeof command === 'function' ? command : command.constructor;
  return typeof type === 'function' ? (Reflect.getOwnMetadata(COMMAND, type) as CommandName | undefined) : undefined;
}

export const loadedCommands = (): readonly LoadedCommand[] => [...loaded.values()];
