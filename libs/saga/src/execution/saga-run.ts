import type { EntityManager } from 'typeorm';

import type { RegisteredSaga } from '../definition/registered-saga.js';
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
import type { AbortCause } from './attempt-abort.js';
import type { SeenEnd } from './end-watch.js';
import { mailToParent } from './mail-to-parent.js';
import { isToBeReleased, progressAfter, type Circumstances } from './parking.js';
import { isSameProgress } from './progress.js';
import { type CallingRun, RunCalls } from './run-calls.js';
import type { OwnedSagaState, Over, RunHost, Written } from './run-host.js';
import { SagaMutex } from './saga-mutex.js';
import { setAside } from './set-aside.js';

/**
 * One saga in the memory of the node that owns it. Facts come in, in any order; in turns they are decided on, made durable
 * in one checkpoint, and only then acted on. [R1, R2] Whatever goes wrong with the store, the run gives the saga up: its
 * journal tells the next owner all that counts.
 */
export class SagaRun implements CallingRun<Written> {
  readonly instance: SagaInstance;
  readonly registered: RegisteredSaga;
  state: SagaState;
  private ownership: Ownership;
  /** What the row says; undefined: not known. */
  private stored: SagaProgress | undefined;
  private paused: boolean;
  private facts: Fact[] = [];
  private readonly calls: RunCalls<Written>;
  /** A former owner may have died before it told its children to unwind. */
  private recallsDue = true;
  readonly turns = new SagaMutex();
  private turnAsked = false;
  private stale = false;
  private readonly getsMail: boolean;
  /** Messages may have come before the saga was in memory, or from somebody who died before they were taken in. */
  private mailUnread: boolean;
  private inTurn = false;
  private hold = false;
  private stopTimer: () => void = () => undefined;

  constructor(
    private readonly host: RunHost,
    { registered, instance, state, ownership, paused, progress }: OwnedSagaState,
  ) {
    this.registered = registered;
    this.instance = instance;
    this.state = state;
    this.ownership = ownership;
    this.paused = paused;
    this.stored = progress;
    this.getsMail = registered.definition.steps.some(({ wait, child }) => wait !== null || child !== null);
    this.mailUnread = this.getsMail;
    this.calls = new RunCalls(host, this);
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

  /** What became of the saga, where nothing more can become of it here. */
  get end(): SeenEnd | undefined {
    const { instance: saga, registered, state } = this;
    return hasEnded(state.status) || state.status === 'stuck' ? { saga, registered, state } : undefined;
  }

  get isOver(): boolean {
    return this.calls.isClosed;
  }

  /** Nothing of it is under way, and no turn may still begin something. */
  get isQuiet(): boolean {
    return !this.inTurn && !hasOpenAttempt(this.state);
  }

  /** Acts on entries that are durable already: those that the saga was born with. */
  begin(entries: readonly Entry[], wakeAt: number | null): void {
    this.calls.perform(entries);
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
    this.calls.abort(cause);
  }

  /** Drops everything at once: another node may own the saga. Writes nothing more. [R18] */
  giveUp(why: string, error?: unknown): void {
    if (this.isOver) return;
    this.host.observe({ kind: 'given-up', saga: this.instance, why, ...(error !== undefined && { error }) });
    this.close('given-up');
  }

  private close(how: Over['how']): void {
    this.stopTimer();
    this.calls.close();
    this.host.over(this, { how, wasWoken: this.stale });
    this.host.lane.leave(this);
  }

  // ---------------------------------------------------------------- a turn: decide, make durable, act

  /** Turns that were asked for and have not begun are one: it sees all that came in. */
  private askForTurn(): void {
    if (this.turnAsked || this.isOver) return;
    this.turnAsked = true;
    this.turns.run(this.takeTurn);
  }

  private async stopAt(thrown: unknown): Promise<void> {
    const { instance, ownership, state } = this;
    if (!(thrown instanceof JournalFault)) return this.giveUp('the store could not be used', thrown);
    // Tried again it would fail again: it is set aside, and where even that fails, the next owner finds the same.
    const { sequence, pivotBegun } = state;
    await setAside(this.host, { instance, ownership, sequence, pivotBegun }, thrown).catch(() => undefined);
    this.giveUp('its journal does not fit its definition', thrown);
  }

  private readonly takeTurn = async (): Promise<void> => {
    this.turnAsked = false;
    if (this.isOver) return;
    if (!this.host.isSafe(this.ownership.owner)) return this.giveUp('the lease of this node may be over');
    try {
      if (this.mailUnread) await this.readMail();
      if (this.stale) await this.readOutsideChanges();
      if (this.recallsDue) this.calls.recallAgain();
      this.recallsDue = false;
      const facts = this.facts;
      this.facts = [];
      this.inTurn = true;
      const written = await this.record(facts);
      this.inTurn = false;
      if (written === undefined) this.giveUp('another node owns it');
      else this.adopt(written);
    } catch (error) {
      this.inTurn = false;
      await this.stopAt(error);
    }
  };

  /** Undefined: the saga is another's now. */
  private async record(facts: readonly Fact[], manager?: EntityManager): Promise<Written | undefined> {
    while (!this.isOver) {
      const decision = this.decide(facts);
      const circumstances = this.circumstances();
      const released = isToBeReleased(decision, circumstances);
      const mail = mailToParent(this.registered, this.instance, decision);
      const { entries } = decision;
      if (entries.length === 0 && !released) return { decision, progress: this.stored, released, mail };
      const progress = progressAfter(decision, circumstances);
      const stays = !released && isSameProgress(progress, this.stored);
      const checkpoint = { sagaId: this.id, ownership: this.ownership, entries, progress, stays, mail, release: released };
      const result = await this.host.store.checkpoint(checkpoint, manager);
      if (result.kind === 'passed') return { decision, progress, released, mail };
      if (result.kind === 'lost') return undefined;
      // A checkpoint without entries says nothing of how far this run has read.
      if (entries.length === 0) await this.readOutsideChanges();
      else this.takeIn(result);
    }
    return undefined;
  }

  private decide(facts: readonly Fact[]): Decision {
    const { lane, clock } = this.host;
    return decide(this.registered.definition, this.instance, this.state, facts, {
      now: clock.now(),
      random: Math.random,
      hold: this.recordsOnly,
      standsBy: lane.holdsBack(this),
      alone: lane.isFor(this),
    });
  }

  adopt({ decision, progress, released, mail }: Written): void {
    this.state = decision.state;
    this.stored = progress;
    if (released) this.close('given-back');
    for (const entry of decision.entries) this.host.observe({ kind: 'recorded', saga: this.instance, entry });
    for (const { to } of mail) void this.host.mail.carry(to);
    if (this.isOver) return;
    this.calls.perform(decision.entries);
    this.wakeUpAt(decision.wakeAt);
    this.host.lane.turnTaken(this, { wantsAlone: !this.recordsOnly && decision.wantsAlone, isAlone: hasOneAlone(this.state) });
  }

  /** It is paused, or this node stops. */
  private get recordsOnly(): boolean {
    return this.hold || this.paused;
  }

  private circumstances(): Circumstances {
    return {
      now: this.host.clock.now(),
      past: this.host.clock.past(),
      paused: this.paused,
      stops: this.hold,
      tellsChildren: this.calls.tellsChildren,
      laneIsHeld: this.host.lane.isHeld,
    };
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
    this.stored = undefined;
  }

  // ---------------------------------------------------------------- what comes back

  mayCall({ direction }: AttemptRef): boolean {
    // It was frozen while its checkpoint was answered, or waited for its transaction: by now the saga may be another's, [R22]
    if (!this.host.isSafe(this.ownership.owner)) this.giveUp('the lease of this node may be over');
    // or have turned round, or this node may be stopping. [R14]
    return !this.hold && !(this.state.unwinding && direction === 'forward');
  }

  write(attempt: AttemptRef, end: AttemptEnd, manager: EntityManager): Promise<Written | undefined> {
    return this.record([factOf(attempt, end)], manager);
  }

  report(attempt: AttemptRef, end: AttemptEnd): void {
    if (!this.isOver) this.submit(factOf(attempt, end));
  }

  private wakeUpAt(wakeAt: number | null): void {
    this.stopTimer();
    // What is held back begins nothing, however often it is looked at.
    if (wakeAt !== null && !this.recordsOnly && !this.isOver) this.stopTimer = this.host.clock.at(wakeAt, () => this.timeHasCome());
  }

  /** The time of a wait may be over: what was kept before then counts. [R27] */
  private timeHasCome(): void {
    this.mailUnread ||= this.getsMail;
    this.askForTurn();
  }
}

const factOf = (attempt: AttemptRef, end: AttemptEnd): Fact => ({ kind: 'attempt-ended', attempt, end });
