import { type LoadedCommand, loadedCommands } from './command-registry.js';

/** Who takes commands, as this application is put together. */
export interface CommandTakers {
  /** Participants that `forRoot` lists, and those that this application is itself. */
  readonly participants: ReadonlySet<string>;
  /** Command classes that something here handles, or that start a saga here. */
  readonly handled: ReadonlySet<object>;
}

/** Loaded commands that would fail a step that returns them. [R12] */
export const unreachableCommands = ({ participants, handled }: CommandTakers): readonly LoadedCommand[] =>
  loadedCommands().filter(({ participant, type }) => !participants.has(participant) && !handled.has(type));
