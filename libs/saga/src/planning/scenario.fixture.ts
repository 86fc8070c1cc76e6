import { instanceOf } from './definition.fixture.js';
import type { Definition, StepScope } from './definition.js';
import type { AttemptEnd, Fact } from './facts.js';
import type { AttemptRef, Effect, EntryBody, Interruption } from './journal.js';
import type { OperatorRequest } from './operate.js';
import type { StoredValue } from './payload.js';
import { Rehearsal } from './rehearsal.fixture.js';
import { type NodeState, nodeState, triesOf } from './state.js';
import { transcriptOf } from './transcript.fixture.js';

export { pivot, readonly, retriable, sagaOf, step } from './definition.fixture.js';
export { story } from './transcript.fixture.js';

export interface ScenarioOptions {
  readonly deadlineAt?: number;
  /** Default 0. */
  readonly startedAt?: number;
  /** For jitter, in [0, 1). */
  readonly random?: number;
}

/**
 * A saga that a test tells: it says how each attempt ends, and reads what the planner made of it.
 *
 * Attempts are named `charge`, `charge[1]` (an item), `undo charge` (a compensation) and `charge#1` (an earlier attempt;
 * without a number the last one).
 */
export class Scenario {
  private readonly rehearsal: Rehearsal;
  private toldBefore = 0;

  constructor(definition: Definition, { deadlineAt, startedAt = 0, random = 0.5 }: ScenarioOptions = {}) {
    this.rehearsal = new Rehearsal(definition, instanceOf(definition, deadlineAt ?? null, startedAt));
    this.rehearsal.now = startedAt;
    this.rehearsal.random = random;
    this.rehearsal.write({ kind: 'saga-started' });
  }

  get state() {
    return this.rehearsal.state;
  }

  get journal() {
    return this.rehearsal.journal;
  }

  get wakeAt(): number | null {
    return this.rehearsal.wakeAt;
  }

  get wantsAlone(): boolean {
    return this.rehearsal.wantsAlone;
  }

  node(name: string): NodeState {
    const node = nodeState(this.state, parse(name));
    if (node === undefined) throw new Error(`there is no ${name}`);
    return node;
  }

  // -------------------------------------------------------------- how attempts end

  start(): this {
    this.rehearsal.decide();
    return this;
  }

  returns(name: string, result?: StoredValue): this {
    return this.ends(name, { kind: 'returned', ...(result !== undefined && { result }) });
  }

  /** A business refusal. `effect`: what a participant's fence says of all attempts. */
  refuses(name: string, message = 'no', effect?: Effect): this {
    return this.ends(name, { kind: 'refused', error: { code: 'NO', message }, ...(effect && { effect }) });
  }

  throws(name: string, over: Partial<Extract<AttemptEnd, { kind: 'threw' }>> = {}): this {
    return this.ends(name, { kind: 'threw', error: { message: 'down' }, effect: 'possible', retryable: true, ...over });
  }

  timesOut(name: string): this {
    return this.throws(name, { error: { message: 'no answer' }, timedOut: true });
  }

  stops(name: string, why: Interruption = 'stop'): this {
    return this.ends(name, { kind: 'interrupted', why });
  }

  ends(name: string, end: AttemptEnd): this {
    return this.learns(this.fact(name, end));
  }

  learns(...facts: readonly Fact[]): this {
    this.rehearsal.decide(facts);
    return this;
  }

  fact(name: string, end: AttemptEnd): Fact {
    return { kind: 'attempt-ended', attempt: this.attempt(name), end };
  }

  // -------------------------------------------------------------- what else happens

  /** The node dies, and another takes the saga over. */
  crash(): this {
    return this.learns({ kind: 'taken-over' });
  }

  /** The node dies, and one with another definition takes the saga over. */
  crashInto(definition: Definition): this {
    this.rehearsal.definition = definition;
    return this.learns({ kind: 'definition-changed', hash: definition.hash }, { kind: 'taken-over' });
  }

  /** Its node lives, and takes it up anew. */
  takenUpAnew(): this {
    return this.learns({ kind: 'taken-over', former: 'alive' });
  }

  cancel(reason = 'changed my mind'): this {
    return this.hears({ kind: 'cancel-requested', reason }).learns();
  }

  /** An operator's command, and what the saga makes of it unless it is paused. */
  operator(request: OperatorRequest, knowing?: 'nothing'): this {
    this.rehearsal.operate(request, knowing);
    return this.state.paused ? this : this.learns();
  }

  /** Somebody outside writes to the journal. */
  hears(body: EntryBody): this {
    this.rehearsal.write(body);
    return this;
  }

  /** Moves the clock, by default to where the saga wants to wake. */
  wait(until: number | null = this.wakeAt): this {
    if (until === null) throw new Error('the saga waits for nothing');
    this.rehearsal.now = until;
    return this.learns();
  }

  /** Time passes, and nobody looks. */
  later(now: number): this {
    this.rehearsal.now = now;
    return this;
  }

  /** Paused, or its node stops: what is learned is recorded, and nothing begins. */
  held(...facts: readonly Fact[]): this {
    this.rehearsal.decide(facts, { hold: true });
    return this;
  }

  /** Another attempt has its node for itself. */
  standsBy(...facts: readonly Fact[]): this {
    this.rehearsal.decide(facts, { standsBy: true });
    return this;
  }

  /** Nothing else runs on its node. */
  alone(...facts: readonly Fact[]): this {
    this.rehearsal.decide(facts, { alone: true });
    return this;
  }

  /** All that is left goes well. */
  finish(): this {
    for (let next = this.rehearsal.open[0]; next || this.wantsAlone || this.wakeAt !== null; next = this.rehearsal.open[0]) {
      if (!next && this.wantsAlone) this.alone();
      else if (next) this.learns({ kind: 'attempt-ended', attempt: next, end: { kind: 'returned' } });
      else this.wait();
    }
    return this;
  }

  // -------------------------------------------------------------- the story

  /** What happened since this was asked last. */
  told(): string {
    const before = this.journal[this.toldBefore - 1]?.at ?? 0;
    const transcript = transcriptOf(this.journal.slice(this.toldBefore), before);
    this.toldBefore = this.journal.length;
    return transcript;
  }

  /** Tells so far, and goes on: for what a story does not dwell on. */
  skip(): this {
    this.told();
    return this;
  }

  private attempt(name: string): AttemptRef {
    const { attempt, ...ref } = parse(name);
    const node = nodeState(this.state, ref);
    return { ...ref, attempt: attempt ?? Math.max(1, node === undefined ? 1 : triesOf(node, ref.direction).attempts) };
  }
}

export const begin = (definition: Definition, options?: ScenarioOptions): Scenario => new Scenario(definition, options).start();

/** A `when` or an `each` that remembers what it was asked. */
export function remembering<Answer>(answer: Answer) {
  const asked: StepScope[] = [];
  const ask = (scope: StepScope): Answer => {
    asked.push(scope);
    return answer;
  };
  return { ask, asked };
}

const NAME = /^(?<undo>undo )?(?<step>\w+)(?:\[(?<item>\d+)\])?(?:#(?<attempt>\d+))?$/;

function parse(name: string): Omit<AttemptRef, 'attempt'> & { readonly attempt?: number } {
  const { undo, step, item, attempt } = NAME.exec(name)?.groups ?? {};
  if (step === undefined) throw new Error(`${name} names no attempt; write charge, charge[1], undo charge or charge#2`);
  return {
    step,
    direction: undo === undefined ? 'forward' : 'compensation',
    ...(item !== undefined && { item: Number(item) }),
    ...(attempt !== undefined && { attempt: Number(attempt) }),
  };
}
