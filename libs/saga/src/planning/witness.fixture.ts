import { witnessAttemptEnd, witnessAttemptStart } from './attempt-witness.fixture.js';
import { ChildWitness } from './child-witness.fixture.js';
import type { Definition, SagaInstance, StepDefinition } from './definition.js';
import { witnessCompensated, witnessStuck } from './end-witness.fixture.js';
import type { AttemptEnd, Fact } from './facts.js';
import type { SagaFailure } from './failure.js';
import type { AttemptRef, Entry, EntryKind, NodeRef } from './journal.js';
import { witnessOperator } from './operator-witness.fixture.js';
import { witnessOutcome } from './outcome-witness.fixture.js';
import type { Given } from './rehearsal.fixture.js';
import { isFailure, isOpen, learn, mustBeAlone, type SeenNode, SeenSteps } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';
import { WaitWitness } from './wait-witness.fixture.js';

const CRASH: AttemptEnd = { kind: 'interrupted', why: 'crash' };

/**
 * Reads a journal beside the planner, knows the rules in its own words, and shares no code with it. It throws, naming the
 * rule, where an entry breaks one, or where something could go on and does not.
 */
export class Witness {
  private readonly steps: SeenSteps;
  private unwinding = false;
  private cancelled = false;
  private pivotBegun = false;
  private over: 'completed' | 'compensated' | 'stuck' | null = null;
  private alerts = 0;
  private given: Given = {};
  /** What began in this decision. */
  private begun: { readonly alone: boolean }[] = [];
  private readonly waits = new WaitWitness((...given) => this.law(...given));
  private readonly children = new ChildWitness((...given) => this.law(...given));

  constructor(
    private readonly definition: Definition,
    private readonly instance: SagaInstance,
  ) {
    this.steps = new SeenSteps(definition);
  }

  /** What the executor learned, before the planner decides on it. */
  hear(facts: readonly Fact[], given: Given): void {
    Object.assign(this, { given, begun: [] });
    for (const fact of facts) {
      if (fact.kind === 'taken-over')
        this.steps.all.forEach((node) => [node.forward, node.undo].forEach((tries) => learn(tries, tries.open, CRASH)));
      else if (fact.kind === 'attempt-ended') this.hearEnd(fact.attempt, fact.end);
    }
  }

  read(entry: Entry): void {
    switch (entry.kind) {
      case 'saga-started':
      case 'reply-ignored':
      case 'definition-changed':
        return;
      case 'message-received':
        this.waits.receive(entry);
        return this.children.receive(entry);
      case 'retry-requested':
      case 'saga-paused':
      case 'saga-resumed':
        return this.goOn(entry.kind);
      case 'cancel-requested':
        this.cancelled ||= !this.pivotBegun;
        return;
      case 'alert-raised':
        if (entry.step === undefined) this.alert(entry.at);
        return;
      case 'unwinding-began':
        return this.turn(entry.failure, entry.at);
      case 'saga-completed':
        return this.complete();
      case 'saga-compensated':
        return this.compensated(entry.failure);
      case 'saga-stuck':
        return this.stuck(entry.failure, entry.at);
      case 'step-fanned-out':
        return this.fanOut(this.steps.step(entry.step), entry.items.length);
      default:
        return this.readOfNode(entry, this.steps.get(entry));
    }
  }

  /** After a decision that was not held: nothing that may go on is left lying, and the saga wakes in time. */
  rest(now: number, { wakeAt, wantsAlone }: { readonly wakeAt: number | null; readonly wantsAlone: boolean }): void {
    const { deadlineAt } = this.instance;
    if (this.over === 'completed' || this.over === 'compensated')
      return this.law(wakeAt === null, 'R28', 'a saga that has ended wants to wake');
    if (!this.unwinding && !this.pivotBegun) {
      this.law(!this.cancelled, 'R30', 'it was cancelled, and goes on');
      this.law(deadlineAt === null || deadlineAt > now, 'R29', 'its deadline has passed, and it goes on');
      this.law(!this.steps.all.some(isFailure), 'R10', 'a step has failed, and it goes on');
      this.law(deadlineAt === null || (wakeAt !== null && wakeAt <= deadlineAt), 'R29', 'it sleeps past its deadline');
    }
    this.law(this.alerts === (this.overdue(now) ? 1 : 0) || this.unwinding, 'R11', `its deadline raised ${this.alerts} alerts`);
    if (this.over === 'stuck') return;
    this.children.rest(this.steps, { now, unwinding: this.unwinding, wakeAt });
    if (this.given.standsBy) return;
    const waiting = this.unwinding ? [] : this.steps.all.filter(({ waits }) => waits !== null);
    this.law(wantsAlone || waiting.length > 0 || this.steps.all.some(isOpen) || wakeAt !== null, 'R13', 'it sleeps for ever');
    const toBeAlone = this.steps.all.filter((node) => mustBeAlone(node, this.unwinding) && this.isDue(node, now));
    this.law(wantsAlone === toBeAlone.length > 0, 'R21', `${toBeAlone.length} wait to be alone, and it says otherwise`);
    // Beside what runs alone nothing begins: it is looked at again afterwards.
    if (this.begun.some(({ alone }) => alone)) return;
    for (const node of waiting) this.waits.rest(node);
    for (const node of this.steps.all) {
      if (toBeAlone.includes(node)) continue;
      const dueAt = this.steps.dueAt(node, this.unwinding);
      this.law(dueAt === null || dueAt > now, 'R7', `${nameOf(node.ref)} may go on, and does not`);
      this.law(
        dueAt === null || (wakeAt !== null && wakeAt <= dueAt),
        'R28',
        `it sleeps past ${nameOf(node.ref)}, which is due at ${dueAt}`,
      );
    }
  }

  // ---------------------------------------------------------------- entries of a step

  private fanOut(step: StepDefinition, items: number): void {
    this.law(this.steps.isReached(step) && !this.steps.hasFannedOut(step), 'R8', `${step.name} fans out too early, or again`);
    this.steps.fanOut(step, items);
  }

  private readOfNode(entry: Exclude<Extract<Entry, NodeRef>, { kind: 'step-fanned-out' | 'reply-ignored' }>, node: SeenNode): void {
    const name = nameOf(entry);
    if ('by' in entry) return this.operate(node, entry);
    const byChild = this.children.endOf(node, entry);
    if (byChild !== null) return byChild === 'compensated' ? this.undo(node, byChild) : this.settle(node, byChild);
    switch (entry.kind) {
      case 'step-delayed':
        this.law(
          this.steps.isReached(node.step) && !node.delayed && entry.dueAt === entry.at + node.step.delayMs,
          'R28',
          `${name} is delayed wrongly`,
        );
        node.delayed = true;
        node.forward.dueAt = entry.dueAt;
        return;
      case 'step-waits':
        this.waits.begin(node, entry, this.steps.isReached(node.step));
        return;
      case 'attempt-started':
        return this.start(node, entry);
      case 'attempt-failed':
      case 'attempt-deferred':
      case 'attempt-interrupted':
        return witnessAttemptEnd(node, entry, this.seen);
      case 'step-skipped':
        this.waits.end(node, { at: entry.at, unwinding: this.unwinding });
        this.law(
          this.unwinding ? node.forward.attempts === 0 : this.steps.isReached(node.step),
          'R14',
          `${name} is skipped, and may not be`,
        );
        this.pivotBegun ||= node.step.kind === 'pivot' && !this.unwinding;
        return this.settle(node, 'skipped');
      case 'step-succeeded':
        return this.settle(node, 'succeeded');
      case 'step-failed':
      case 'step-unknown':
        if (entry.kind === 'step-failed') this.waits.end(node, { at: entry.at, unwinding: this.unwinding });
        witnessOutcome(node, entry, this.seen);
        return this.settle(node, entry.kind === 'step-failed' ? 'failed' : 'unknown');
      case 'child-chosen':
      case 'child-started':
      case 'child-recalled':
      case 'child-undoing':
        return this.children.read(node, entry, this.unwinding);
      case 'compensation-succeeded':
        return this.undo(node, 'compensated');
      case 'compensation-failed':
        return this.undo(node, 'failed');
      case 'compensation-skipped':
        this.law(
          node.end === 'unknown' && node.step.compensation?.onUnknown === 'skip',
          'R10',
          `${name} is not compensated, and nobody opted out`,
        );
        return this.undo(node, 'skipped');
    }
  }

  private start(node: SeenNode, entry: Extract<Entry, { kind: 'attempt-started' }>): void {
    const forward = entry.direction === 'forward';
    if (forward && node.step.wait !== null) this.waits.take(node, entry.message, this.steps.all);
    this.law(!this.given.hold, 'R28', 'something begins while the saga is held');
    this.law(!this.given.standsBy, 'R21', 'something begins beside what has the node for itself');
    const alone = mustBeAlone(node, this.unwinding);
    this.law(!alone || this.given.alone === true, 'R21', `${nameOf(node.ref)} has crashed too often, and is not alone`);
    this.begun.push({ alone });
    this.law(this.begun.length === 1 || !this.begun.some((one) => one.alone), 'R21', 'something begins beside what must be alone');
    if (forward && !this.pivotBegun) this.law(!this.steps.all.some(isFailure), 'R14', `${nameOf(node.ref)} starts after a failure`);
    witnessAttemptStart(node, entry, this.seen);
    this.pivotBegun ||= entry.pivot === true;
  }

  private settle(node: SeenNode, end: NonNullable<SeenNode['end']>): void {
    this.law(node.end === null, 'R9', `${nameOf(node.ref)} ends twice`);
    Object.assign(node, { end });
    node.forward.open = null;
  }

  private undo(node: SeenNode, undone: NonNullable<SeenNode['undone']>): void {
    this.law(node.undone === null, 'R15', `the compensation of ${nameOf(node.ref)} ends twice`);
    Object.assign(node, { undone });
    node.undo.open = null;
  }

  // ---------------------------------------------------------------- the saga as a whole

  private goOn(kind: EntryKind): void {
    if (kind !== 'retry-requested') return;
    this.law(this.over === 'stuck', 'R16', 'it is tried again, and was not stuck');
    this.over = null;
  }

  private operate(node: SeenNode, entry: Extract<Entry, NodeRef>): void {
    this.law(this.over === null || this.over === 'stuck', 'R16', `an operator settles ${nameOf(entry)} of a saga that has ended`);
    witnessOperator(node, entry, { ...this.seen, crashLimit: this.definition.crashLimit });
    this.over = null;
    this.pivotBegun ||= node.step.kind === 'pivot' && !this.unwinding;
  }

  private turn({ step, kind, code }: SagaFailure, at: number): void {
    if (code === 'SAGA_TAKEN_BACK') {
      this.law(!this.pivotBegun && !this.unwinding, 'R16', 'it is taken back past its pivot, or turns round twice');
      return void Object.assign(this, { unwinding: true, over: null });
    }
    this.law(!this.unwinding, 'R14', 'it turns round twice');
    const culprits = this.steps.all.filter(
      (node) => isFailure(node) && (!this.pivotBegun || (node.step.kind === 'pivot' && node.end === 'failed')),
    );
    const because =
      step === undefined
        ? !this.pivotBegun && (kind === 'cancelled' ? this.cancelled : this.isLate(at))
        : culprits.some(({ ref }) => ref.step === step);
    this.law(because, 'R11', `it turns round without cause (${step ?? kind})`);
    Object.assign(this, { unwinding: true, over: null });
  }

  private complete(): void {
    this.law(!this.unwinding && this.definition.steps.every((step) => this.steps.isDone(step.name)), 'R7', 'it is completed, and not done');
    this.law(!this.cancelled, 'R30', 'it was cancelled, and is completed');
    this.over = 'completed';
  }

  private compensated(failure: SagaFailure): void {
    witnessCompensated(this.seen, failure);
    this.over = 'compensated';
  }

  private stuck(failure: SagaFailure, at: number): void {
    const mayUnwind = !this.unwinding && !this.pivotBegun && (this.cancelled || this.isLate(at) || this.steps.all.some(isFailure));
    witnessStuck(this.seen, failure, mayUnwind);
    this.over = 'stuck';
  }

  private alert(at: number): void {
    this.alerts += 1;
    this.law(this.overdue(at), 'R11', 'an alert without a deadline past the pivot');
  }

  // ---------------------------------------------------------------- the rules in other words

  private isLate(at: number): boolean {
    return this.instance.deadlineAt !== null && this.instance.deadlineAt <= at;
  }

  private isDue(node: SeenNode, now: number): boolean {
    const dueAt = this.steps.dueAt(node, this.unwinding);
    return dueAt !== null && dueAt <= now;
  }

  private overdue(at: number): boolean {
    return this.pivotBegun && this.isLate(at);
  }

  // ---------------------------------------------------------------- book-keeping

  private hearEnd(attempt: AttemptRef, end: AttemptEnd): void {
    const node = this.steps.find(attempt);
    const known = node && this.children.hear(node, { attempt, end, unwinding: this.unwinding });
    if (node === undefined || known === undefined) return;
    learn(attempt.direction === 'forward' ? node.forward : node.undo, attempt.attempt, known);
    // One of a round that is over vouches for nothing.
    if (end.kind === 'refused' && attempt.direction === 'forward' && attempt.attempt > node.forward.before)
      node.vouched.add(end.effect ?? 'none');
  }

  private get seen() {
    const { steps, unwinding } = this;
    return { steps, unwinding, law: (holds: boolean, rule: string, broken: string) => this.law(holds, rule, broken) };
  }

  private law(holds: boolean, rule: string, broken: string): void {
    if (!holds) throw new Error(`${rule}: ${broken}`);
  }
}
