import type { SagaClient, SagaHandle } from 'nestjs-sagas';

import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { StoredSaga } from '../../libs/saga/src/store/saga-store.js';
import type { CrashPoint, Life } from '../crash-points/life.js';
import { CrashingNode } from '../crash-points/node.js';
import { clock } from './clock.js';
import { Deeds, type Outcome, OutsideWorld } from './deeds.js';
import type { Picked } from './happenings.js';
import { type Content, Messages } from './messages.js';
import { SAGAS } from './sagas.js';
import { WatchedStore } from './watched-store.js';

export const LEASE_MS = 9_000;
const MOST_NODES = 3;
/** A second; what is left to do needs far fewer. */
const MOST_ROUNDS = 60;

/** Of those that a lot starts; an event for one of them may come first. */
const MOST_SAGAS = 12;
const LOAN = 'loan';
const PAID = 'Paid';

const keyOf = (index: number): string => `k${index}`;

const by = { operator: 'ann', reason: 'I looked at it' };

interface Started {
  readonly type: (typeof SAGAS)[number];
  readonly key: string;
}

/** Nodes over one store in memory, to which anything may happen. */
export class ManyNodes {
  readonly world: OutsideWorld;
  readonly watched: WatchedStore;
  readonly messages: Messages;
  private readonly store: InMemorySagaStore;
  private shiftMs = 0;
  private readonly nodes: CrashingNode[] = [];
  private readonly leaving: Promise<void>[] = [];
  private readonly started: Started[] = [];
  /** Executes nothing, and does not die. */
  private office: CrashingNode | undefined;

  constructor(lot: readonly Outcome[]) {
    const now = (): number => Date.now() + this.shiftMs;
    this.store = new InMemorySagaStore({ now });
    this.watched = new WatchedStore(this.store, now);
    this.world = new OutsideWorld({ store: this.store, now }, [...lot]);
    this.messages = new Messages(this.store);
  }

  async live(lot: readonly Picked[]): Promise<void> {
    this.office ??= await this.boot(null, false);
    for (const one of lot) {
      await this.meet(one);
      await clock.settle();
    }
  }

  /** From here on all goes well, and an operator tries again what is stuck, until every saga has ended. */
  async finish(): Promise<void> {
    this.world.lot = [];
    this.watched.faults = [];
    this.watched.wakesToLose = 0;
    for (let node = 0; node < 2; node += 1) this.nodes.push(await this.boot(null));
    for (const one of this.started) await this.start(one, this.clientOfOffice);
    // Leases run out, and what was left lying is swept up: only now may anything be missing.
    await clock.pass(2 * LEASE_MS);
    await this.messages.judge();
    for (let round = 0; !(await this.haveAllEnded()); round += 1) {
      if (round > MOST_ROUNDS) throw new Error('some sagas do not end');
      await clock.pass(1_000);
    }
  }

  /** What dead nodes were about to write arrives when all is over. @returns what it changed */
  async changedByLateWrites(): Promise<readonly string[]> {
    const before = await this.sagas();
    await this.watched.sendLate();
    for (const { life } of this.dead) await life.sendLastWrite().catch(() => undefined);
    await clock.pass(1_000);
    const after = await this.sagas();
    return after.filter((saga, index) => JSON.stringify(saga) !== JSON.stringify(before[index])).map(({ row }) => row.id);
  }

  async sagas(): Promise<readonly StoredSaga[]> {
    const { items } = await this.store.list({ limit: 500 });
    return items;
  }

  handle(sagaId: string): SagaHandle {
    return this.clientOfOffice.get(sagaId);
  }

  async leave(): Promise<void> {
    const all = [...this.nodes, ...(this.office ? [this.office] : [])];
    const left = Promise.all([...this.leaving, ...all.map(letGo)]);
    await clock.pass(LEASE_MS);
    await left;
  }

  // -------------------------------------------------------------- what happens

  private async meet(happening: Picked): Promise<void> {
    const { pick } = happening;
    switch (happening.what) {
      case 'start': {
        const one = { type: SAGAS[happening.type] ?? SAGAS[0]!, key: keyOf(this.started.length) };
        this.started.push(one);
        // A node that dies does not answer.
        return void this.start(one, this.clientOf(pick)).catch(() => undefined);
      }
      case 'time-passes':
        return clock.pass(happening.ms);
      case 'clock-jumps':
        this.shiftMs += happening.ms;
        return;
      case 'node-boots':
        if (this.living.length < MOST_NODES) this.nodes.push(await this.boot(happening.crashPoint));
        return;
      case 'node-dies':
        return void this.living[pick % this.living.length]?.life.kill().catch(() => undefined);
      case 'node-stops':
        return this.stop(pick);
      case 'store-fails':
        return void this.watched.faults.push(happening.fault);
      case 'wakes-get-lost':
        this.watched.wakesToLose = happening.times;
        return;
      case 'late-write-arrives':
        await this.watched.sendLate();
        return this.dead[pick % this.dead.length]?.life.sendLastWrite().catch(() => undefined);
      case 'cancel':
      case 'take-back':
        return this.turnRound(happening.what, pick);
      case 'message':
        return this.send(happening, pick);
    }
  }

  /** What comes too late is refused, and a node that dies does not answer. */
  private async turnRound(how: 'cancel' | 'take-back', pick: number): Promise<void> {
    const saga = await this.anySaga(pick);
    if (saga === undefined) return;
    const { id } = saga.row;
    // An operator's command that arrives when all is over would rightly count.
    const answer = how === 'cancel' ? this.clientOf(pick).get(id).cancel('changed my mind') : this.handle(id).compensate(by);
    void answer.catch(() => undefined);
  }

  /** An event may come before its saga is there; a signal finds a saga by its id. */
  private async send(content: Content, pick: number): Promise<void> {
    const node = this.living[pick % this.living.length] ?? this.office;
    const saga = await this.anySaga(pick);
    if (node && content.name === PAID) await this.messages.send(node, { key: keyOf(pick % MOST_SAGAS) }, content);
    else if (node && saga?.row.name === LOAN) await this.messages.send(node, { id: saga.row.id }, content);
  }

  private async boot(crashPoint: CrashPoint | null, works = true): Promise<CrashingNode> {
    const [first, ...also] = SAGAS.map((type) => ({
      type,
      make: ({ life }: { readonly life: Life }) => new type(new Deeds(this.world, life)),
    }));
    return CrashingNode.boot(this.watched.store, { ...first!, also, leaseMs: LEASE_MS, works, ...(crashPoint && { crashPoint }) });
  }

  private stop(pick: number): void {
    const node = this.living[pick % this.living.length];
    if (node === undefined) return;
    this.nodes.splice(this.nodes.indexOf(node), 1);
    this.leaving.push(letGo(node));
  }

  private async start({ type, key }: Started, sagas: SagaClient): Promise<unknown> {
    return sagas.start(type, { key }, { key });
  }

  private async anySaga(pick: number): Promise<StoredSaga | undefined> {
    const sagas = await this.sagas();
    return sagas[pick % sagas.length];
  }

  private async haveAllEnded(): Promise<boolean> {
    let all = true;
    for (const { row } of await this.sagas()) {
      if (row.status === 'completed' || row.status === 'compensated') continue;
      all = false;
      const handle = this.handle(row.id);
      if (row.status === 'stuck') {
        if (!row.failure) throw new Error(`saga ${row.id} is stuck, and does not say why`);
        await handle.retry(by);
      }
      const { waitingFor } = await handle.view();
      const content = { name: waitingFor?.name ?? '', dedupe: null };
      if (this.office && waitingFor?.kind === 'signal') await this.messages.send(this.office, { id: row.id }, content);
      if (this.office && waitingFor?.kind === 'event') await this.messages.send(this.office, { key: row.key ?? '' }, content);
    }
    return all;
  }

  private get living(): readonly CrashingNode[] {
    return this.nodes.filter(({ life }) => !life.isOver);
  }

  private get dead(): readonly CrashingNode[] {
    return this.nodes.filter(({ life }) => life.isOver);
  }

  private clientOf(pick: number): SagaClient {
    return this.living[pick % this.living.length]?.sagas ?? this.clientOfOffice;
  }

  private get clientOfOffice(): SagaClient {
    if (this.office === undefined) throw new Error('there is no office yet');
    return this.office.sagas;
  }
}

/** It stops, and may die while it does. */
async function letGo(node: CrashingNode): Promise<void> {
  const left = node.leave();
  await Promise.race([left, node.life.died]);
  if (node.life.isOver) node.life.bury();
  await left;
}
