import { randomUUID } from 'node:crypto';

import { DECLINED_CARD } from 'contracts';

import type { Entry, EntryOf } from './entry.js';
import { Refusal } from './refusal.js';

export interface AuthorizationRequest {
  readonly reference: string;
  readonly card: string;
  readonly cents: number;
}

/**
 * What the card gateway knows, and what it does about a request. Everything is found in its entries: a request whose key
 * it has seen is answered from the entry of that key, and does nothing.
 */
export class CardLedger {
  private readonly byKey = new Map<string, Entry>();
  private readonly authorizations = new Map<string, EntryOf<'authorized'>>();
  private readonly captured = new Set<string>();
  private readonly voidedKeys = new Set<string>();
  private readonly journal: Entry[] = [];

  /**
   * @param past entries of an earlier run, in order
   * @param append keeps one more; what is answered was appended before
   */
  constructor(
    past: readonly Entry[],
    private readonly append: (entry: Entry) => void,
  ) {
    past.forEach((entry) => this.apply(entry));
  }

  get entries(): readonly Entry[] {
    return this.journal;
  }

  /** @throws Refusal where the card is declined, or where the authorization was voided before it came */
  authorize(key: string, { reference, card, cents }: AuthorizationRequest): EntryOf<'authorized'> {
    if (this.voidedKeys.has(key)) throw new Refusal('AUTHORIZATION_VOIDED', `the authorization ${key} was voided`);
    const seen = this.seen(key, 'authorized', 'declined');
    const entry =
      seen ??
      this.record(
        card === DECLINED_CARD
          ? { kind: 'declined', key, reference, cents }
          : { kind: 'authorized', key, authorizationId: `auth_${randomUUID()}`, reference, cents },
      );
    if (entry.kind === 'declined') throw new Refusal('CARD_DECLINED', 'the card is declined');
    return entry;
  }

  /** @throws Refusal where there is no such authorization, or where it is not open any more */
  capture(key: string, authorizationId: string): EntryOf<'captured'> {
    const seen = this.seen(key, 'captured');
    if (seen) return seen;
    const authorization = this.authorizations.get(authorizationId);
    if (!authorization) throw new Refusal('UNKNOWN_AUTHORIZATION', `there is no authorization ${authorizationId}`);
    if (this.voidedKeys.has(authorization.key))
      throw new Refusal('AUTHORIZATION_VOIDED', `the authorization ${authorizationId} was voided`);
    if (this.captured.has(authorizationId)) throw new Refusal('ALREADY_CAPTURED', `the authorization ${authorizationId} was captured`);
    const { reference, cents } = authorization;
    return this.record({ kind: 'captured', key, captureId: `cap_${randomUUID()}`, authorizationId, reference, cents });
  }

  /**
   * Gives up the authorization that was asked for under that key, also one that the gateway has not seen.
   *
   * @throws Refusal where its money was taken
   */
  void(key: string, authorizationKey: string): EntryOf<'voided'> {
    const seen = this.seen(key, 'voided');
    if (seen) return seen;
    const authorization = this.byKey.get(authorizationKey);
    const authorizationId = authorization?.kind === 'authorized' ? authorization.authorizationId : null;
    if (authorizationId && this.captured.has(authorizationId))
      throw new Refusal('ALREADY_CAPTURED', `the authorization ${authorizationId} was captured`);
    return this.record({ kind: 'voided', key, authorizationKey, authorizationId });
  }

  private seen<K extends Entry['kind']>(key: string, ...kinds: readonly K[]): EntryOf<K> | undefined {
    const entry = this.byKey.get(key);
    if (entry && !kinds.some((kind) => kind === entry.kind))
      throw new Refusal('KEY_REUSED', `the key ${key} stands for something else: ${entry.kind}`);
    return entry as EntryOf<K> | undefined;
  }

  private record<E extends Entry>(entry: E): E {
    this.append(entry);
    this.apply(entry);
    return entry;
  }

  private apply(entry: Entry): void {
    this.journal.push(entry);
    this.byKey.set(entry.key, entry);
    if (entry.kind === 'authorized') this.authorizations.set(entry.authorizationId, entry);
    if (entry.kind === 'captured') this.captured.add(entry.authorizationId);
    if (entry.kind === 'voided') this.voidedKeys.add(entry.authorizationKey);
  }
}
