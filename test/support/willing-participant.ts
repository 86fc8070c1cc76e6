import type { Server } from 'node:net';

import { ServerTCP } from '@nestjs/microservices';

import { type CommandMessage, commandPattern, type CommandReply } from '../../libs/saga/src/participant/protocol.js';
import type { StoredValue } from '../../libs/saga/src/planning/payload.js';

export interface WillingParticipant {
  readonly port: number;
  close(): Promise<void>;
}

/** What a command results in, by its wire name. */
type Results = Readonly<Record<string, (payload: StoredValue) => StoredValue>>;

/** Participants over TCP on one port: whatever command comes succeeds, with the result that the test says. */
export async function startWillingParticipant(participants: readonly string[], results: Results): Promise<WillingParticipant> {
  const server = new ServerTCP({ host: '127.0.0.1', port: 0 });
  const answer = async ({ command, payload }: CommandMessage): Promise<CommandReply> => {
    const result = results[command]?.(payload);
    return { kind: 'succeeded', ...(result !== undefined && { result }) };
  };
  for (const participant of participants) server.addHandler(commandPattern(participant), answer);
  await new Promise<void>((resolve) => server.listen(() => resolve()));
  const { port } = server.unwrap<Server>().address() as { port: number };
  return { port, close: async () => server.close() };
}
