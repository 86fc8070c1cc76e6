import type { EntityManager } from 'typeorm';

import type { SagaInstance } from '../planning/definition.js';
import type { Channel } from '../planning/journal.js';
import type { StoredValue } from '../planning/payload.js';

/** Where a message is to go: to a saga by its id, or to one that may not exist yet by its name and key. */
export type MailAddress = { readonly sagaId: string } | { readonly sagaName: string; readonly sagaKey: string };

/** A message on its way to a saga. */
export interface Mail {
  readonly to: MailAddress;
  readonly channel: Channel;
  /** Of the signal, or of the event's class. */
  readonly name: string;
  readonly payload?: StoredValue;
  /** A second one with the same address, channel, name and dedupe id is the same message. */
  readonly dedupeId?: string;
}

/** A saga, as far as its mail is concerned. */
export type MailOwner = Pick<SagaInstance, 'id' | 'name' | 'key'>;

export interface Posting {
  /** Joins that transaction: the message is there once it commits. */
  readonly manager?: EntityManager | undefined;
  /** Called once the message is durable; must not throw. */
  readonly posted?: () => void;
}

/** Keeps messages until `SagaStore.collect` takes them for their saga, which need not exist yet. No saga's row is touched. [R27] */
export interface MailStore {
  /** One with a dedupe id that is kept already is kept once. */
  post(mail: Mail, posting?: Posting): Promise<void>;
  /** Whether messages are kept for a saga. */
  has(saga: MailOwner): Promise<boolean>;
  /** Addresses of messages that were posted a while ago and were neither taken nor parked, each once: who posted them may have died. */
  undelivered(limit: number): Promise<readonly MailAddress[]>;
  /** Their saga does not exist yet: it asks for its messages itself when it begins. */
  park(address: MailAddress): Promise<void>;
  /**
   * Deletes up to `limit` messages that were posted more than `ageMs` ago and that nobody took. What a child tells its parent stays as long as
   * the parent is there, and not emptied. Returns how many.
   */
  remove(ageMs: number, limit: number): Promise<number>;
}
