import { fold } from './fold.js';
import type { Channel, Entry } from './journal.js';
import type { StoredValue } from './payload.js';
import { hasEnded } from './saga-status.js';
import { dedupeKeyOf } from './state.js';

export interface ReceivedMessage {
  readonly channel: Channel;
  readonly name: string;
  readonly payload?: StoredValue;
  readonly dedupeId?: string;
}

/**
 * What the journal is to say of messages that have come, in their order. A saga that has ended takes none, and one with a dedupe id
 * counts once. [R27]
 *
 * @param at milliseconds since the epoch
 * @throws JournalFault where the journal cannot be read
 */
export function receive(journal: readonly Entry[], messages: readonly ReceivedMessage[], at: number): readonly Entry[] {
  const state = fold(journal);
  if (hasEnded(state.status)) return [];
  const known = new Set(state.dedupeKeys);
  const entries: Entry[] = [];
  for (const { channel, name, payload, dedupeId } of messages) {
    if (dedupeId !== undefined) {
      const key = dedupeKeyOf({ channel, name, dedupeId });
      if (known.has(key)) continue;
      known.add(key);
    }
    const sequence = state.sequence + entries.length + 1;
    const rest = { ...(payload !== undefined && { payload }), ...(dedupeId !== undefined && { dedupeId }) };
    entries.push({ kind: 'message-received', channel, name, ...rest, sequence, at });
  }
  return entries;
}
