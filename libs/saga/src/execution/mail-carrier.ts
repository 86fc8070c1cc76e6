import type { EntityManager } from 'typeorm';

import type { SagaInstance } from '../planning/definition.js';
import type { Entry } from '../planning/journal.js';
import { receive } from '../planning/receive.js';
import type { Mail, MailAddress, MailOwner } from '../store/mail.js';
import type { SagaStore } from '../store/saga-store.js';
import { Gathering } from './gathering.js';
import type { Observer } from './observation.js';
import type { SagaClock } from './saga-clock.js';

interface CarrierParts {
  readonly store: SagaStore;
  readonly clock: SagaClock;
  readonly observe: Observer;
}

/** Addresses that one sweep goes through. */
const SWEEP_BATCH = 100;
/** Messages that one statement deletes. */
const REMOVE_BATCH = 1_000;

/**
 * Brings messages to their sagas, in two steps: first a message is durable, whatever its saga does just then; then it is taken into
 * the saga's journal, under the saga's lock. Who dies between the two leaves it to the sweep; a saga that begins asks for what came
 * before it. So nothing is lost, and no lock is global. [R27]
 */
export class MailCarrier {
  private readonly gathering = new Gathering();

  constructor(private readonly parts: CarrierParts) {}

  /** Resolves when the message is durable; with `manager`, when that transaction has it. */
  async post(mail: Mail, manager?: EntityManager): Promise<void> {
    let carried: Promise<void> | undefined;
    await this.parts.store.mail.post(mail, { manager, posted: () => void (carried = this.carry(mail.to)) });
    if (manager === undefined) await carried;
  }

  /** Takes what lies at an address into its saga. Never throws: the message is durable, and the sweep tries again. */
  async carry(to: MailAddress): Promise<void> {
    return this.gathering.run(JSON.stringify(to), async () => this.carryOnce(to));
  }

  /** Resolves when nothing is on the way any more. */
  async idle(): Promise<void> {
    await this.gathering.idle();
  }

  private async carryOnce(to: MailAddress): Promise<void> {
    const { store, observe } = this.parts;
    try {
      const sagaId = 'sagaId' in to ? to.sagaId : (await store.findByKey(to.sagaName, to.sagaKey))?.id;
      const isThere = sagaId !== undefined && (await this.collect(sagaId));
      if (!isThere) await store.mail.park(to);
    } catch (error) {
      observe({ kind: 'store-unavailable', doing: `deliver a message to ${describe(to)}`, error });
    }
  }

  /** For a saga that begins here: takes what came before it. Returns whether there was something. */
  async collectFor(saga: MailOwner): Promise<boolean> {
    return (await this.parts.store.mail.has(saga)) && (await this.collect(saga.id));
  }

  /** Carries what was left lying. */
  async sweep(): Promise<void> {
    for (const address of await this.parts.store.mail.undelivered(SWEEP_BATCH)) await this.carry(address);
  }

  /** Deletes what nobody took for `retentionMs`. */
  async forget(retentionMs: number, mayGoOn: () => boolean): Promise<void> {
    for (let batch = REMOVE_BATCH; batch === REMOVE_BATCH && mayGoOn();)
      batch = await this.parts.store.mail.remove(retentionMs, REMOVE_BATCH);
  }

  /** False: there is no such saga. */
  private async collect(sagaId: string): Promise<boolean> {
    const { store, clock, observe } = this.parts;
    let received: readonly Entry[] = [];
    let saga: SagaInstance | undefined;
    const changed = await store.collect(sagaId, ({ row, journal }, mail) => {
      saga = row;
      received = receive({ status: row.status, journal }, mail, clock.now());
      if (received.length === 0) return null;
      // One whose start is delayed still waits for it.
      const keepsItsTime = row.paused || (row.status === 'pending' && row.wakeAt !== null);
      return { entries: received, wakeAt: keepsItsTime ? row.wakeAt : clock.past() };
    });
    if (saga !== undefined) for (const entry of received) observe({ kind: 'recorded', saga, entry });
    return changed !== undefined;
  }
}

const describe = (to: MailAddress): string => ('sagaId' in to ? `saga ${to.sagaId}` : `${to.sagaName} with key '${to.sagaKey}'`);
