import type { EntityManager } from 'typeorm';

import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaContext } from '../definition/saga-context.js';
import { hasOneAlone } from '../planning/alone.js';
import { type Decision, decide } from '../planning/decide.js';
import type { SagaInstance } from '../planning/definition.js';
import type { AttemptEnd, Fact } from '../planning/facts.js';
import { fold } from '../planning/fold.js';
import { JournalFault } from '../planning/journal-fault.js';
import type { AttemptRef, Entry } from '../planning/journal.js';
import { hasEnded } from '../planning/saga-status.js';
import { hasOpenAttempt, type SagaState } from '../planning/state.js';
import type { Ownership, SagaProgress } from '../store/saga-store.js';
import { runWithoutTransaction } from '../store/saga-transaction.js';
import type { AbortCause } from './attempt-abort.js';
import { type AttemptCall, attemptCall } from './attempt-call.js';
import { PARK_AFTER_MS } from './execution-options.js';
import { progressOf } from './progress.js';
import { NOT_BEGUN, RunAttempts } from './run-attempts.js';
import type { OwnedSagaState, RunHost } from './run-host.js';
import { SagaMutex } from './saga-mutex.js';
import { setAside } from './set-aside.js';
import { runTransactionally } from './transactional-attempt.js';

interface Written {
  readonly decision: Decision;
  /** The saga was given back with it. */
  readonly released: boolean;
}

/**
 * One saga in the memory of the node that owns it. Facts come in, in any order; in turns they are decided on, made durable
 * in one checkpoint, and only then acted on. [R1, R2] Whatever goes wrong with the store, the run gives the saga up: its
 * journal tells the next owner all that counts.
 */
export class SagaRun {
  readonly instance: SagaInstance;
  private readonly registered: RegisteredSaga;
  private state: SagaState;
  private ownership: Ownership;
  private paused: boolean;
  private facts: Fact[] = [];
  private readonly attempts: RunAttempts;
  private readonly turns = new SagaMutex();
  private turnAsked = false;
  private stale = false;
  /** Messages may have come before the saga was in memory. */
  private mailUnread: boolean;
  private inTurn = false;
  private hold = false;
  private stopTimer: () => void = () => undefined;

  constructor(
    private readonly host: RunHost,
    { registered, instance, state, ownership, paused }: OwnedSagaState,
  ) {
    this.registered = registered;
    this.instance = instance;
    this.state = state;
    this.ownership = ownership;
    this.paused = paused;
    this.mailUnread = registered.definition.steps.some(({ wait }) => wait !== null);
    this.attempts = new RunAttempts(host.runner, (call, end) => this.report(call, end));
  }

  get id(): string {
    return this.instance.id;
  }

  get epoch(): number {
    return this.ownership.epoch;
  }

  get revision(): number {
    return this.ownership.revision;
  }

  get isOver(): boolean {
    return this.attempts.isClosed;
  }

  /** Nothing of it is under way, and no turn may still begin something. */
  get isQuiet(): boolean {
    return !this.inTurn && !hasOpenAttempt(this.state);
  }

  /** Acts on entries that are durable already: those that the saga was born with. */
  begin(entries: readonly Entry[], wakeAt: number | null): void {
    this.perform(entries);
    this.wakeUpAt(wakeAt);
    if (this.mailUnread || !hasOpenAttempt(this.state)) this.askForTurn();
  }

  submit(...facts: readonly Fact[]): void {
    this.facts.push(...facts);
    this.askForTurn();
  }

  /** Somebody may have changed the saga from outside. */
  refresh(): void {
    this.stale = true;
    this.askForTurn();
  }

  /** What it may begin has changed. */
  lookAgain(): void {
    this.askForTurn();
  }

  /** From now on records only, and gives the saga back as soon as nothing is under way. [R22] */
  drain(): void {
    this.hold = true;
    this.askForTurn();
  }

  abort(cause: AbortCause): void {
    this.attempts.abort(cause);
  }

  /** Drops everything at once: another node may own the saga. Writes nothing more. [R18] */
  giveUp(why: string, error?: unknown): void {
    if (this.isOver) return;
    this.host.observe({ kind: 'given-up', saga: this.instance, why, ...(error !== undefined && { error }) });
    this.close();
  }

  private close(): void {
    this.stopTimer();
    this.attempts.close();
    this.host.over(this, this.stale);
    this.host.lane.leave(this);
  }

  // ---------------------------------------------------------------- a turn: decide, make durable, act

  /** Turns that were asked for and have not begun are one: it sees all that came in. */
  private askForTurn(): void {
    if (this.turnAsked || this.isOver) return;
    this.turnAsked = true;
    this.turns.run(async () => this.takeTurn()).catch((error: unknown) => this.stopAt(error));
  }

  private async stopAt(thrown: unknown): Promise<void> {
    const { instance, ownership, state } = this;
    if (!(thrown instanceof JournalFault)) return this.giveUp('the store did not answer', thrown);
    // Tried again it would fail again: it is set aside, and where even that fails, the next owner finds the same.
    const { sequence, pivotBegun } = state;
    await setAside(this.host, { instance, ownership, sequence, pivotBegun }, thrown).catch(() => undefined);
    this.giveUp('its journal does not fit its definition', thrown);
  }

  private async takeTurn(): Promise<void> {
    this.turnAsked = false;
    if (this.isOver) return;
    if (!this.host.isSafe(this.ownership.owner)) return this.giveUp('the lease of this node may be over');
    if (this.mailUnread) await this.readMail();
    if (this.stale) await this.readOutsideChanges();
    this.inTurn = true;
    const written = await this.write(this.facts.splice(0)).finally(() => (this.inTurn = false));
    if (written === undefined) this.giveUp('another node owns it');
    else this.adopt(written);
  }

  /** Undefined: the saga is another's now. */
  private async write(facts: readonly Fact[], manager?: EntityManager): Promise<Written | undefined> {
    while (!this.isOver) {
      const decision = this.decide(facts);
      const released = this.isToBeReleased(decision);
      if (decision.entries.length === 0 && !released) return { decision, released };
      const { entries } = decision;
      const checkpoint = { sagaId: this.id, ownership: this.ownership, entries, progress: this.progress(decision), release: released };
      const result = await this.host.store.checkpoint(checkpoint, manager);
      if (result.kind === 'passed') return { decision, released };
      if (result.kind === 'lost') return undefined;
      // A checkpoint without entries says nothing of how far this run has read.
      if (entries.length === 0) await this.readOutsideChanges();
      else this.takeIn(result);
    }
    return undefined;
  }

  private decide(facts: readonly Fact[]): Decision {
    const situation = { now: this.host.clock.now(), random: Math.random, hold: this.holdsBack, alone: this.host.lane.isFor(this) };
    return decide(this.registered.definition, this.instance, this.state, facts, situation);
  }

  private adopt({ decision, released }: Written): void {
    this.state = decision.state;
    for (const entry of decision.entries) this.host.observe({ kind: 'recorded', saga: this.instance, entry });
    if (released) return this.close();
    if (this.isOver) return;
    this.perform(decision.entries);
    this.wakeUpAt(decision.wakeAt);
    const mayAsk = !this.hold && !this.paused;
    this.host.lane.turnTaken(this, { wantsAlone: mayAsk && decision.wantsAlone, isAlone: hasOneAlone(this.state) });
  }

  /** It is paused, this node stops, or another saga has this node for itself. */
  private get holdsBack(): boolean {
    return this.hold || this.paused || this.host.lane.holdsBack(this);
  }

  private progress({ state, wakeAt }: Decision): SagaProgress {
    const isOpenEnded = hasEnded(state.status) || state.status === 'stuck';
    if (this.paused) return progressOf(state, null);
    // What this node holds back is for another to take up at once.
    return progressOf(state, this.hold && !isOpenEnded ? this.host.clock.now() : wakeAt);
  }

  /** Nothing is under way, and nothing will be for a while: the saga holds neither memory nor a slot. */
  private isToBeReleased({ state, wakeAt, wantsAlone }: Decision): boolean {
    if (hasEnded(state.status)) return true;
    if (hasOpenAttempt(state)) return false;
    if (state.status === 'stuck' || this.hold || this.paused) return true;
    // It has something to begin as soon as this node lets it.
    if (wantsAlone || this.host.lane.isHeld) return false;
    return wakeAt === null || wakeAt - this.host.clock.now() > PARK_AFTER_MS;
  }

  // ---------------------------------------------------------------- changes from outside

  private async readMail(): Promise<void> {
    this.mailUnread = false;
    if (await this.host.mail.collectFor(this.instance)) this.stale = true;
  }

  private async readOutsideChanges(): Promise<void> {
    this.stale = false;
    const stored = await this.host.store.load(this.id);
    const { owner, epoch } = this.ownership;
    if (stored === undefined || stored.row.owner !== owner || stored.row.epoch !== epoch) return this.giveUp('another node owns it');
    const { row, journal } = stored;
    this.takeIn({ revision: row.revision, paused: row.paused, since: journal.filter((entry) => entry.sequence > this.state.sequence) });
  }

  private takeIn(change: { readonly revision: number; readonly paused: boolean; readonly since: readonly Entry[] }): void {
    const before = this.state;
    this.state = fold(change.since, before);
    // An operator took it back: what is under way forward gets its signal, as where this run turns round itself. [R14]
    if (this.state.unwinding && !before.unwinding) this.abort('unwinding');
    this.ownership = { ...this.ownership, revision: change.revision };
    this.paused = change.paused;
  }

  // ---------------------------------------------------------------- acting on what is durable

  private perform(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'unwinding-began') this.abort('unwinding');
      if (entry.kind === 'attempt-started') this.start(entry);
    }
  }

  private start({ step, item, direction, attempt }: AttemptRef): void {
    const ref: AttemptRef = { step, ...(item !== undefined && { item }), direction, attempt };
    const { registered, instance: saga, state, host } = this;
    const instanceFor = (context: SagaContext): object | Promise<object> => host.instanceFor(registered, context);
    const call = attemptCall({ registered, saga, state, instanceFor }, ref);
    void (call.transactional ? this.runTransactional(call) : this.runPlain(call));
  }

  private async runPlain(call: AttemptCall): Promise<void> {
    this.report(call, await runWithoutTransaction({ place: call.place }, async () => this.make(call)));
  }

  private async runTransactional(call: AttemptCall): Promise<void> {
    const result = await runTransactionally(this.host.store, call, {
      call: async () => this.make(call),
      turns: this.turns,
      write: async (end, manager) => this.write([factOf(call, end)], manager),
      adopt: (written: Written) => this.adopt(written),
    });
    if (result.kind === 'rolled-back') this.report(call, result.end);
    if (result.kind === 'lost') this.giveUp('another node owns it');
    if (result.kind === 'unknown') this.giveUp('nobody knows whether its transaction was committed', result.error);
  }

  private async make(call: AttemptCall): Promise<AttemptEnd> {
    // It was frozen while its checkpoint was answered, or waited for its transaction: by now the saga may be another's, [R22]
    if (!this.host.isSafe(this.ownership.owner)) this.giveUp('the lease of this node may be over');
    // or have turned round, or this node may be stopping. [R14]
    if (this.hold || (this.state.unwinding && call.attempt.direction === 'forward')) return NOT_BEGUN;
    return this.attempts.make(call);
  }

  private report(call: AttemptCall, end: AttemptEnd): void {
    if (!this.isOver) this.submit(factOf(call, end));
  }

  private wakeUpAt(wakeAt: number | null): void {
    this.stopTimer();
    // What is held back begins nothing, however often it is looked at.
    if (wakeAt !== null && !this.holdsBack && !this.isOver) this.stopTimer = this.host.clock.at(wakeAt, () => this.askForTurn());
  }
}

const factOf = ({ attempt }: AttemptCall, end: AttemptEnd): Fact => ({ kind: 'attempt-ended', attempt, end });
