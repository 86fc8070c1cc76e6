import type { Channel, Entry } from './journal.js';
import type { StoredValue } from './payload.js';
import { hasEnded, type SagaStatus } from './saga-status.js';

export interface ReceivedMessage {
  readonly channel: Channel;
  readonly name: string;
  readonly payload?: StoredValue;
  readonly dedupeId?: string;
}

/** A saga, as far as it matters for what it receives: its journal need not be readable. */
export interface Receiver {
  readonly status: SagaStatus;
  readonly journal: readonly Entry[];
}

/**
 * What the journal is to say of messages that have come, in their order. A saga that has ended takes none, and one with a dedupe id
 * counts once. [R27]
 *
 * @param at milliseconds since the epoch
 */
export function receive({ status, journal }: Receiver, messages: readonly ReceivedMessage[], at: number): readonly Entry[] {
  if (hasEnded(status)) return [];
  const known = new Set(journal.flatMap((entry) => (entry.kind === 'message-received' ? dedupeKeysOf(entry) : [])));
  const entries: Entry[] = [];
  for (const message of messages) {
    const keys = dedupeKeysOf(message);
    if (keys.some((key) => known.has(key))) continue;
    for (const key of keys) known.add(key);
    const { channel, name, payload, dedupeId } = message;
    const rest = { ...(payload !== undefined && { payload }), ...(dedupeId !== undefined && { dedupeId }) };
    entries.push({ kind: 'message-received', channel, name, ...rest, sequence: journal.length + entries.length + 1, at });
  }
  return entries;
}

/** By which a message with a dedupe id is known again. */
const dedupeKeysOf = ({ channel, name, dedupeId }: ReceivedMessage): readonly string[] =>
  dedupeId === undefined ? [] : [JSON.stringify([channel, name, dedupeId])];
