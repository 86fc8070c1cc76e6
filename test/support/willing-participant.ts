import type { Server } from 'node:net';

import { ServerTCP } from '@nestjs/microservices';

import { type CommandMessage, commandPattern, type CommandReply } from '../../libs/saga/src/participant/protocol.js';
import type { StoredValue } from '../../libs/saga/src/planning/payload.js';
import type { StepRejected } from '../../libs/saga/src/planning/step-errors.js';

export interface WillingParticipant {
  readonly port: number;
  /** Names of the commands that came, with their payloads. */
  readonly received: readonly (readonly [command: string, payload: StoredValue])[];
  close(): Promise<void>;
}

/** What a command results in, by its wire name. Where it throws, the command is refused. */
type Results = Readonly<Record<string, (payload: never) => StoredValue>>;

/** Participants over TCP on one port: whatever command comes succeeds, unless the test says otherwise. */
export async function startWillingParticipant(participants: readonly string[], results: Results): Promise<WillingParticipant> {
  const server = new ServerTCP({ host: '127.0.0.1', port: 0 });
  const received: [string, StoredValue][] = [];
  const answer = async ({ command, payload }: CommandMessage): Promise<CommandReply> => {
    received.push([command, payload]);
    try {
      const result = results[command]?.(payload as never);
      return { kind: 'succeeded', ...(result !== undefined && { result }) };
    } catch (error) {
      const { code, message } = error as StepRejected;
      return { kind: 'refused', error: { code, message }, effect: 'none' };
    }
  };
  for (const participant of participants) server.addHandler(commandPattern(participant), answer);
  await new Promise<void>((resolve) => server.listen(() => resolve()));
  const { port } = server.unwrap<Server>().address() as { port: number };
  return { port, received, close: async () => server.close() };
}
