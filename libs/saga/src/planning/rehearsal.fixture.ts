import { isDeepStrictEqual } from 'node:util';

import { decide, type Decision } from './decide.js';
import type { Definition, SagaInstance } from './definition.js';
import type { Fact, Situation } from './facts.js';
import { apply, fold } from './fold.js';
import type { AttemptRef, Entry, EntryBody } from './journal.js';
import { operate, type OperatorRequest } from './operate.js';
import { NEW_SAGA, placedNodesOf, type SagaState } from './state.js';

/** What becomes of the saga around it. */
export type Given = Omit<Situation, 'now' | 'random'>;

/**
 * One saga without a database: a journal, a clock that the test moves, and nobody who runs the attempts but the test. With
 * each decision it proves what holds of every decision.
 */
export class Rehearsal {
  readonly journal: Entry[] = [];
  state: SagaState = NEW_SAGA;
  wakeAt: number | null = null;
  wantsAlone = false;
  now = 0;
  /** For jitter. */
  random = 0.5;

  constructor(
    public definition: Definition,
    readonly instance: SagaInstance,
  ) {}

  /** What an outsider writes under the saga's row lock: its start, a cancel. */
  write(body: EntryBody): void {
    const entry: Entry = { ...body, sequence: this.state.sequence + 1, at: this.now };
    this.state = apply(this.state, entry);
    this.journal.push(entry);
  }

  /** An operator's command, given by a process that may know nothing of the definition. @throws SagaOperationError where it is refused */
  operate(request: OperatorRequest, knowing?: 'nothing'): readonly Entry[] {
    const { instance, state, now } = this;
    const operation = operate({ definition: knowing === 'nothing' ? undefined : this.definition, instance, state }, request, now);
    this.state = operation.state;
    this.journal.push(...operation.entries);
    return operation.entries;
  }

  decide(facts: readonly Fact[] = [], given: Given = {}): readonly Entry[] {
    const decision = decide(this.definition, this.instance, this.state, facts, this.situation(given));
    this.checkFold(decision);
    if (!given.hold && !given.alone) this.checkRest(decision, given);
    if (!given.hold) this.checkAlone(decision);
    this.state = decision.state;
    this.journal.push(...decision.entries);
    this.wakeAt = decision.wakeAt;
    this.wantsAlone = decision.wantsAlone;
    return decision.entries;
  }

  situation(given: Given = {}): Situation {
    return { now: this.now, random: () => this.random, ...given };
  }

  /** Attempts under way, in graph order. */
  get open(): readonly AttemptRef[] {
    const open: AttemptRef[] = [];
    for (const { name } of this.definition.steps) {
      for (const { ref, node } of placedNodesOf(this.state, name)) {
        if (node.open) open.push({ ...ref, direction: 'forward', attempt: node.open.attempt });
        if (node.compensation.open) open.push({ ...ref, direction: 'compensation', attempt: node.compensation.open.attempt });
      }
    }
    return open;
  }

  /** R4: the journal, as it is stored, tells of exactly the state that was decided. */
  private checkFold({ entries, state }: Decision): void {
    const stored = JSON.parse(JSON.stringify(entries)) as Entry[];
    if (!isDeepStrictEqual(fold(stored, this.state), state)) throw new Error('R4: the journal tells of another state than the decision');
  }

  /** Nothing new at the same time: nothing to do, and no call to look again at once. */
  private checkRest({ state, wakeAt }: Decision, given: Given): void {
    const again = decide(this.definition, this.instance, state, [], this.situation(given));
    if (again.entries.length > 0) throw new Error(`a second look adds ${again.entries.map(({ kind }) => kind).join(', ')}`);
    if (again.wakeAt !== wakeAt) throw new Error(`a second look wakes at ${again.wakeAt}, not ${wakeAt}`);
    if (wakeAt !== null && !(wakeAt > this.now)) throw new Error(`wakes at ${wakeAt}, and it is ${this.now}: the saga would spin`);
  }

  /** A saga that wants to be alone, and is, begins one attempt: its node is not emptied for nothing. */
  private checkAlone({ state, wantsAlone }: Decision): void {
    if (!wantsAlone) return;
    const { entries } = decide(this.definition, this.instance, state, [], this.situation({ alone: true }));
    if (String(entries.map(({ kind }) => kind)) !== 'attempt-started')
      throw new Error(
        `alone, as it wanted to be, it adds ${entries.length === 0 ? 'nothing' : entries.map(({ kind }) => kind).join(', ')}`,
      );
  }
}
