import type { SagaRegistry } from '../definition/saga-registry.js';
import type { Entry } from '../planning/journal.js';
import type { HeartbeatResult, SagaStore, StoredSaga } from '../store/saga-store.js';
import type { AttemptRunner } from './attempt-runner.js';
import { type ExecutionOptions, POLL_MS } from './execution-options.js';
import { Lane } from './lane.js';
import type { ChildSagas } from './child-sagas.js';
import { deferred } from './deferred.js';
import type { EndWatch } from './end-watch.js';
import { giveBack } from './give-back.js';
import { inTurns } from './in-turns.js';
import type { MailCarrier } from './mail-carrier.js';
import type { Observer } from './observation.js';
import { Places } from './places.js';
import type { SagaClock } from './saga-clock.js';
import type { OwnedSagaState, Over, RunHost } from './run-host.js';
import { SagaIntake } from './saga-intake.js';
import { SagaNode } from './saga-node.js';
import { SagaRun } from './saga-run.js';
import type { SagaVersions } from './saga-versions.js';
import { after } from './timers.js';

export interface WorkerParts {
  readonly store: SagaStore;
  readonly clock: SagaClock;
  readonly registry: SagaRegistry;
  readonly versions: SagaVersions;
  readonly runner: AttemptRunner;
  readonly mail: MailCarrier;
  readonly children: ChildSagas;
  readonly observe: Observer;
  readonly ends: EndWatch;
  readonly options: ExecutionOptions;
}

/**
 * Executes sagas on this node: takes up what is due and nobody owns, keeps the lease, gives all back at the end. All that it
 * knows is in the store; what it holds in memory may be lost at any moment. [R19]
 */
export class SagaWorker {
  private readonly places: Places;
  /** Epochs of sagas that were given up when a lease was lost. Taken up again here, and by nobody in between, they crashed with nobody. [R21] */
  private dropped: ReadonlyMap<string, number> = new Map();
  private readonly node: SagaNode;
  private readonly host: RunHost;
  private readonly lane = new Lane({
    isQuiet: () => this.places.isQuiet,
    lookAgain: () => this.places.runs.forEach((run) => run.lookAgain()),
  });
  private readonly intake: SagaIntake;
  private polling: NodeJS.Timeout | undefined;
  private stopWakes: () => void = () => undefined;
  private claiming: Promise<void> | undefined;
  private claimAgain = false;
  private state: 'idle' | 'working' | 'draining' = 'idle';
  private emptied: (() => void) | undefined;

  constructor(private readonly parts: WorkerParts) {
    const { store, clock, runner, mail, children, observe, registry, options } = parts;
    this.places = new Places(options.concurrency);
    this.node = new SagaNode(
      store,
      clock,
      options.leaseMs,
      { onBeat: (beat) => this.compare(beat), onLeaseLost: () => this.dropAll() },
      observe,
    );
    this.intake = new SagaIntake(parts);
    this.host = {
      store,
      clock,
      runner,
      mail,
      children,
      observe,
      lane: this.lane,
      instanceFor: (saga, context) => registry.instanceFor(saga, context),
      isSafe: (owner) => this.node.id === owner,
      over: (run, over) => this.forget(run, over),
    };
  }

  get standing(): 'working' | 'lease-lost' | 'stopped' {
    if (this.state !== 'working') return 'stopped';
    return this.node.id === undefined ? 'lease-lost' : 'working';
  }

  /** It is in memory here. */
  runs(sagaId: string): boolean {
    return this.places.run(sagaId) !== undefined;
  }

  /** Sagas in memory. */
  get size(): number {
    return this.places.size;
  }

  /** Sagas that were given back, because nothing here may run them. */
  get leftAlone(): number {
    return this.intake.countLeftAlone;
  }

  /** The id to be born under, where this node has room for one more saga; undefined: it has none, or executes none. */
  get ownerForNext(): string | undefined {
    return this.state === 'working' && this.places.free > 0 ? this.node.id : undefined;
  }

  /** A saga that is born now begins nothing yet: another has this node for itself. [R21] */
  get isHeld(): boolean {
    return this.lane.isHeld;
  }

  async start(): Promise<void> {
    await this.node.join();
    this.state = 'working';
    this.stopWakes = this.parts.store.onWake((sagaId) => this.wake(sagaId));
    this.polling = setInterval(() => this.claim(), POLL_MS);
    this.claim();
  }

  /** Begins nothing, lets attempts end within `shutdownTimeout`, aborts the rest, and gives all sagas back. [R22] */
  async stop(): Promise<void> {
    if (this.state !== 'working') return;
    this.state = 'draining';
    this.stopWakes();
    clearInterval(this.polling);
    await this.claiming;
    for (const run of this.places.runs) run.drain();
    if (!(await this.emptyWithin(this.parts.options.shutdownTimeoutMs))) {
      for (const run of this.places.runs) run.abort('stopping');
      await this.emptyWithin(ABORT_GRACE_MS);
    }
    for (const run of this.places.runs) run.giveUp('this node stops, and a method did not heed its signal');
    await this.node.leave();
    this.state = 'idle';
  }

  // ---------------------------------------------------------------- sagas that come in

  /** A saga is about to be born here. */
  expect(sagaId: string): void {
    this.places.hold(sagaId);
  }

  unexpect(sagaId: string): void {
    const wasFull = this.places.free === 0;
    this.places.unhold(sagaId);
    this.lane.look();
    this.tellIfEmpty();
    if (wasFull && this.places.free > 0) this.claim();
  }

  /** Executes a saga that was born owned by this node; its first entries are durable. */
  adopt(saga: OwnedSagaState, entries: readonly Entry[], wakeAt: number | null): void {
    // Its birth was answered after the lease that it was born under: others may take it up. [R18]
    if (saga.ownership.owner !== this.node.id) return;
    const run = this.enter(saga);
    run.begin(entries, wakeAt);
    if (this.state === 'draining') run.drain();
  }

  private enter(saga: OwnedSagaState): SagaRun {
    const run = new SagaRun(this.host, saga);
    this.places.enter(run);
    return run;
  }

  private wake(sagaId: string): void {
    const run = this.places.run(sagaId);
    if (run === undefined) this.claim();
    else run.refresh();
  }

  /** One claim at a time; what is asked for meanwhile is one more. */
  private claim(): void {
    if (this.claiming !== undefined) {
      this.claimAgain = true;
      return;
    }
    this.claiming = this.claimBatches()
      .catch((error: unknown) => this.parts.observe({ kind: 'store-unavailable', doing: 'take up sagas', error }))
      .finally(() => {
        this.claiming = undefined;
        if (!this.claimAgain) return;
        this.claimAgain = false;
        this.claim();
      });
  }

  private async claimBatches(): Promise<void> {
    const { store, clock, registry } = this.parts;
    const definitions = registry.all().map(({ definition: { name, version } }) => ({ name, version }));
    for (;;) {
      const room = Math.min(this.places.free, CLAIM_BATCH);
      const nodeId = this.node.id;
      if (this.state !== 'working' || nodeId === undefined || room <= 0) return;
      const claimed = await store.claim(nodeId, room, definitions);
      // It was due by the database's clock: given back because it is not by this one, it would be claimed again at once, for ever.
      for (const { row } of claimed) clock.cameTo(row.wakeAt ?? 0);
      await inTurns(claimed, TAKEN_UP_AT_ONCE, async (saga) => this.takeUp(saga));
      if (claimed.length < room) return;
    }
  }

  /** What the former owner had under way is lost; the journal says the rest. */
  private async takeUp(stored: StoredSaga, former: 'lost' | 'alive' = 'lost'): Promise<void> {
    const owned = await this.intake.read(stored);
    // Answered after the lease that it was asked under: nobody would keep it. [R18]
    if (owned === undefined || owned.ownership.owner !== this.node.id) return;
    const running = this.places.run(stored.row.id);
    // A slow claim can be overtaken by the heartbeat, which took the saga up under a newer epoch.
    if (running !== undefined && running.epoch >= owned.ownership.epoch) return;
    if (running === undefined && !this.places.hasOneFor(stored.row.id)) {
      // Sagas were born while it was on its way. What was this node's before stays so: elsewhere its attempts would count as crashed.
      if (former === 'lost') await giveBack(this.parts.store, { ...owned, row: stored.row }, stored.row.wakeAt);
      return;
    }
    running?.giveUp('it was taken up anew');
    const run = this.enter(owned);
    if (this.state === 'draining') run.drain();
    const { changedTo } = owned;
    const takenOver = { kind: 'taken-over', former: this.dropped.get(run.id) === run.epoch - 1 ? 'alive' : former } as const;
    // First: what begins because it was taken over begins under the definition that is here. [R23]
    if (changedTo === undefined) run.submit(takenOver);
    else run.submit({ kind: 'definition-changed', hash: changedTo }, takenOver);
  }

  // ---------------------------------------------------------------- the lease

  private compare({ owned, othersGone }: HeartbeatResult): void {
    const missing = owned.filter(({ sagaId, epoch, revision }) => {
      const run = this.places.run(sagaId);
      if (run === undefined || run.epoch < epoch) return true;
      if (revision > run.revision) run.refresh();
      return false;
    });
    for (const sagaId of this.places.missed(missing.map(({ sagaId: id }) => id))) void this.reclaim(sagaId);
    if (othersGone) void this.releaseGone();
  }

  private async reclaim(sagaId: string): Promise<void> {
    try {
      const nodeId = this.node.id;
      const stored = nodeId === undefined || this.runs(sagaId) ? undefined : await this.parts.store.reclaim(nodeId, sagaId);
      if (stored !== undefined) await this.takeUp(stored, 'alive');
    } catch (error) {
      this.parts.observe({ kind: 'store-unavailable', doing: `take up saga ${sagaId} again`, error });
    } finally {
      this.places.stayedAway(sagaId);
    }
  }

  private async releaseGone(): Promise<void> {
    try {
      if ((await this.parts.store.releaseGone()) > 0) this.claim();
    } catch (error) {
      this.parts.observe({ kind: 'store-unavailable', doing: 'look for nodes that died', error });
    }
  }

  private dropAll(): void {
    const running = this.places.runs.map(({ id, epoch }) => [id, epoch] as const);
    // What others took up meanwhile would be kept for ever.
    this.dropped = new Map([...this.dropped, ...running].slice(-this.parts.options.concurrency));
    for (const run of this.places.runs) run.giveUp('the lease of this node is over');
    this.places.forgetLost();
  }

  private forget(run: SagaRun, { how, wasWoken }: Over): void {
    const wasFull = this.places.free === 0;
    this.places.leave(run, how);
    this.parts.ends.tell(run.id, run.end);
    this.tellIfEmpty();
    // One that was just given back when it was woken: the wake was meant for whoever takes it up.
    if ((wasFull || wasWoken) && this.state === 'working') this.claim();
  }

  /** What is about to be born is waited for too: born after the node has left, it would belong to nobody who knows it. */
  private async emptyWithin(limitMs: number): Promise<boolean> {
    if (this.places.isEmpty) return true;
    const { promise, settle } = deferred();
    this.emptied = settle;
    const stopTimer = after(limitMs, settle);
    await promise;
    stopTimer();
    return this.places.isEmpty;
  }

  private tellIfEmpty(): void {
    if (this.places.isEmpty) this.emptied?.();
  }
}

/** What one node that died leaves is another's with few claims; each is a transaction of some hundredths of a second. */
const CLAIM_BATCH = 500;
/** Each begins something at once: all in one go, requests and timers would wait. */
const TAKEN_UP_AT_ONCE = 50;
/** For attempts to end after their signal, and for their last checkpoint. */
const ABORT_GRACE_MS = 2_000;
