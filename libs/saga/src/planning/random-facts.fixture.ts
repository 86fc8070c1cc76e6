import fc from 'fast-check';

import type { AttemptEnd, Fact } from './facts.js';
import { fold } from './fold.js';
import type { AttemptRef, Entry, EntryBody, NodeRef } from './journal.js';
import type { OperatorRequest } from './operate.js';
import { anyWord, endAtChildStep, wordWaitedFor } from './random-children.fixture.js';
import type { RandomSaga } from './random-saga.fixture.js';
import { type Given, Rehearsal } from './rehearsal.fixture.js';
import { SagaOperationError } from './saga-operation.error.js';
import { hasEnded } from './saga-status.js';
import { placedNodesOf } from './state.js';
import { Witness } from './witness.fixture.js';

/** One thing that happens to a saga. `pick` chooses among what it may happen to. */
export interface Happening {
  readonly what: AttemptEnd | 'wait' | 'jump' | 'cancel' | 'crash' | 'foreign' | 'message' | 'child' | OperatorRequest['kind'];
  readonly pick: number;
  /** It tells of an earlier attempt, or once more of the same. */
  readonly late: boolean;
  /** It is learned together with the next one. */
  readonly together: boolean;
  /** The saga is paused, or its node stops. */
  readonly held: boolean;
  /** Another attempt has its node for itself. */
  readonly standsBy: boolean;
  /** Nothing else runs on its node. */
  readonly alone: boolean;
}

const error = { message: 'down' };

const rarely = fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

const end: fc.Arbitrary<AttemptEnd> = fc.oneof(
  { weight: 16, arbitrary: fc.constant<AttemptEnd>({ kind: 'returned' }) },
  { weight: 1, arbitrary: fc.constant<AttemptEnd>({ kind: 'returned', result: { price: 5 } }) },
  { weight: 1, arbitrary: fc.constant<AttemptEnd>({ kind: 'deferred' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<AttemptEnd>(
      { kind: 'refused', error },
      { kind: 'refused', error, effect: 'none' },
      { kind: 'refused', error, effect: 'possible' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<AttemptEnd>({ kind: 'interrupted', why: 'stop' }, { kind: 'interrupted', why: 'stop', returned: true }),
  },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        kind: fc.constant('threw' as const),
        error: fc.constant(error),
        effect: fc.constantFrom('none', 'possible'),
        retryable: fc.constantFrom(true, true, true, true, true, true, true, false),
        timedOut: fc.boolean(),
        retryAfterMs: fc.nat(90),
      },
      { requiredKeys: ['kind', 'error', 'effect', 'retryable'] },
    ),
  },
);

/** Operators' commands: those that keep a saga from its end are rare. */
const COMMANDS = ['retry', 'retry', 'retry', 'skip', 'skip', 'resolve', 'resolve', 'resume', 'pause', 'compensate'] as const;

export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 14, arbitrary: end },
      { weight: 4, arbitrary: fc.constant('wait' as const) },
      { weight: 2, arbitrary: fc.constant('jump' as const) },
      { weight: 1, arbitrary: fc.constant('crash' as const) },
      { weight: 2, arbitrary: fc.constant('message' as const) },
      { weight: 2, arbitrary: fc.constant('child' as const) },
      { weight: 1, arbitrary: fc.constantFrom('cancel' as const, 'foreign' as const) },
      { weight: 3, arbitrary: fc.constantFrom(...COMMANDS) },
    ),
    pick: fc.nat(200),
    late: rarely,
    together: rarely,
    held: rarely,
    standsBy: rarely,
    alone: rarely,
  }),
  { maxLength: 40, size: 'max' },
);

const isCommand = (what: Happening['what']): what is OperatorRequest['kind'] => (COMMANDS as readonly unknown[]).includes(what);

/** More decisions than any saga of this size can need: a saga that goes on for ever ends here. */
const ENDLESS = 2_000;

/** How much of the journal was durable after a decision, and what was known for it. */
interface Checkpoint {
  readonly given: Given;
  readonly facts: readonly Fact[];
  readonly entries: number;
}

/** A saga to which anything may happen, watched by a witness. */
export class RandomRun {
  readonly rehearsal: Rehearsal;
  private readonly witness: Witness;
  private readonly checkpoints: Checkpoint[] = [];
  private facts: Fact[] = [];

  constructor(private readonly saga: RandomSaga) {
    this.rehearsal = new Rehearsal(saga.definition, saga.instance);
    this.witness = new Witness(saga.definition, saga.instance);
    this.rehearsal.write({ kind: 'saga-started' });
  }

  /** Another node takes the saga over where `pick` says: it has the journal up to there, and nothing else. */
  takenOver(pick: number): RandomRun {
    const next = new RandomRun(this.saga);
    const before = this.checkpoints.slice(0, 1 + (pick % this.checkpoints.length));
    const durable = this.rehearsal.journal.slice(0, before.at(-1)?.entries);
    let read = 0;
    for (const { facts, entries, given } of before) {
      next.witness.hear(facts, given);
      for (; read < entries; read += 1) next.witness.read(durable[read] as Entry);
    }
    next.load(durable);
    next.facts.push({ kind: 'taken-over' });
    return next;
  }

  live(lot: readonly Happening[]): this {
    this.decide();
    lot.forEach((happening) => this.meet(happening));
    return this;
  }

  /** From here on all goes well. */
  finish(): this {
    if (this.rehearsal.state.paused) this.operate('resume', 0);
    this.decide();
    for (let decisions = 0; this.goesOn; decisions += 1) {
      if (decisions > ENDLESS) throw new Error('the saga does not end');
      const next = this.rehearsal.open[0];
      const word = wordWaitedFor(this.rehearsal);
      if (next) this.ends({ kind: 'returned' }, [next], 1);
      else if (word) this.hears(word);
      else if (this.rehearsal.wakeAt !== null) this.rehearsal.now = Math.max(this.rehearsal.now, this.rehearsal.wakeAt);
      else if (!this.rehearsal.wantsAlone) this.receives(decisions);
      this.decide(next ? {} : { alone: this.rehearsal.wantsAlone });
    }
    return this;
  }

  private get goesOn(): boolean {
    const { open, wakeAt, wantsAlone, definition, state } = this.rehearsal;
    const isWaiting =
      !state.unwinding && definition.steps.some(({ name }) => placedNodesOf(state, name).some(({ node }) => node.wait !== null));
    return open.length > 0 || wakeAt !== null || wantsAlone || isWaiting || wordWaitedFor(this.rehearsal) !== undefined;
  }

  /** The next owner knows the journal alone. Its class may have been changed, in what no begun step depends on. */
  private crash(changed: boolean): void {
    this.load(this.rehearsal.journal);
    if (changed && !hasEnded(this.rehearsal.state.status)) this.facts.push({ kind: 'definition-changed', hash: 'another' });
    this.facts.push({ kind: 'taken-over' });
  }

  private load(journal: readonly Entry[]): void {
    const stored = JSON.parse(JSON.stringify(journal)) as Entry[];
    this.rehearsal.journal.splice(0, Infinity, ...stored);
    this.rehearsal.state = fold(stored);
    this.rehearsal.now = Math.max(this.rehearsal.now, stored.at(-1)?.at ?? 0);
  }

  private meet({ what, pick, late, together, held, standsBy, alone }: Happening): void {
    if (what === 'crash') this.crash(pick % 4 === 0);
    else if (what === 'cancel') this.hears({ kind: 'cancel-requested', reason: 'changed my mind' });
    else if (what === 'message') this.receives(pick);
    else if (what === 'child') this.hears(anyWord(this.rehearsal, pick));
    else if (isCommand(what)) this.operate(what, pick);
    else if (what === 'jump') this.rehearsal.now += pick;
    else if (what === 'wait') this.rehearsal.now = Math.max(this.rehearsal.now, this.rehearsal.wakeAt ?? 0);
    else if (what === 'foreign')
      this.facts.push({ kind: 'attempt-ended', attempt: { step: 'nobody', direction: 'forward', attempt: 1 }, end: { kind: 'returned' } });
    else this.ends(what, late ? this.begun : this.rehearsal.open, pick);
    if (!together) this.decide(held ? { hold: true } : standsBy ? { standsBy } : { alone });
  }

  /** A command that is refused changes nothing; what is not refused is the witness's to judge. */
  private operate(kind: OperatorRequest['kind'], pick: number): void {
    const { definition, state } = this.rehearsal;
    const refs = definition.steps.flatMap(({ name }) => [{ step: name }, ...placedNodesOf(state, name).map(({ ref }) => ref)]);
    const ref = refs[pick % refs.length] as NodeRef;
    const by = { operator: 'ann', reason: 'I looked at it' };
    const request: OperatorRequest = kind === 'skip' || kind === 'resolve' ? { kind, by, ...ref } : { kind, by };
    try {
      for (const entry of this.rehearsal.operate(request)) this.witness.read(entry);
    } catch (refused) {
      if (!(refused instanceof SagaOperationError)) throw refused;
    }
  }

  private ends(what: AttemptEnd, attempts: readonly AttemptRef[], pick: number): void {
    const attempt = attempts[pick % attempts.length];
    if (attempt === undefined) return;
    const { rehearsal, facts } = this;
    facts.push({ kind: 'attempt-ended', attempt, end: endAtChildStep(rehearsal, { attempt, end: what, pick, pending: facts }) });
  }

  private receives(pick: number): void {
    const waits = this.rehearsal.definition.steps.flatMap(({ wait }) => wait ?? []);
    const wait = waits[pick % waits.length];
    if (wait) this.hears({ kind: 'message-received', channel: wait.channel, name: wait.name, payload: pick });
  }

  /** What somebody outside writes; a saga that has ended takes nothing. */
  private hears(body: EntryBody | undefined): void {
    if (body === undefined || hasEnded(this.rehearsal.state.status)) return;
    this.rehearsal.write(body);
    this.witness.read(this.rehearsal.journal.at(-1) as Entry);
  }

  /** Every attempt that was ever made. */
  private get begun(): readonly AttemptRef[] {
    return this.rehearsal.journal.flatMap((entry) => {
      if (entry.kind !== 'attempt-started') return [];
      const { step, item, direction, attempt } = entry;
      return [{ step, direction, attempt, ...(item !== undefined && { item }) }];
    });
  }

  private decide(asked: Given = {}): void {
    const given: Given = this.rehearsal.state.paused ? { hold: true } : asked;
    this.witness.hear(this.facts, given);
    for (const entry of this.rehearsal.decide(this.facts, given)) this.witness.read(entry);
    if (!given.hold) this.witness.rest(this.rehearsal.now, this.rehearsal);
    this.checkpoints.push({ given, facts: this.facts, entries: this.rehearsal.journal.length });
    this.facts = [];
  }
}
