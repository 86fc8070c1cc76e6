import type { EntityManager } from 'typeorm';

import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaContext } from '../definition/saga-context.js';
import type { SagaInstance } from '../planning/definition.js';
import type { AttemptEnd } from '../planning/facts.js';
import type { AttemptRef, Entry, NodeRef } from '../planning/journal.js';
import { nodeState, type SagaState } from '../planning/state.js';
import { runWithoutTransaction } from '../store/saga-transaction.js';
import type { AbortCause } from './attempt-abort.js';
import { type AttemptCall, attemptCall } from './attempt-call.js';
import { NOT_BEGUN, RunAttempts } from './run-attempts.js';
import { RunChildren } from './run-children.js';
import type { RunHost } from './run-host.js';
import type { SagaMutex } from './saga-mutex.js';
import { runTransactionally } from './transactional-attempt.js';

/** The run whose entries are acted on. */
export interface CallingRun<Written> {
  readonly registered: RegisteredSaga;
  readonly instance: SagaInstance;
  readonly turns: SagaMutex;
  readonly state: SagaState;
  /** Asked right before a method is called: much may have happened since its intent became durable. */
  mayCall(attempt: AttemptRef): boolean;
  report(attempt: AttemptRef, end: AttemptEnd): void;
  /** Undefined: the saga is another's now. */
  write(attempt: AttemptRef, end: AttemptEnd, manager: EntityManager): Promise<Written | undefined>;
  adopt(written: Written): void;
  lookAgain(): void;
  giveUp(why: string, error?: unknown): void;
}

/** Does what the entries of a saga say, once they are durable: calls methods, and sees to the children. */
export class RunCalls<Written extends object> {
  private readonly attempts: RunAttempts;
  private readonly children: RunChildren;

  constructor(
    private readonly host: RunHost,
    private readonly run: CallingRun<Written>,
  ) {
    this.attempts = new RunAttempts(host.runner, ({ attempt }, end) => run.report(attempt, end));
    this.children = new RunChildren(host.children, run);
  }

  get isClosed(): boolean {
    return this.attempts.isClosed;
  }

  /** Some child is being told to unwind: the saga may not be given back before it knows. */
  get tellsChildren(): boolean {
    return this.children.isBusy;
  }

  perform(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'unwinding-began') this.abort('unwinding');
      if (entry.kind === 'attempt-started') this.start(attemptOf(entry));
      if (entry.kind === 'child-chosen') this.children.start(attemptOf(entry), entry.child);
      if (entry.kind === 'child-recalled') this.recall(entry, entry.why);
    }
  }

  /** A former owner may have died before it told the children. */
  recallAgain(): void {
    this.children.recallAgain(this.run.state);
  }

  abort(cause: AbortCause): void {
    this.attempts.abort(cause);
  }

  close(): void {
    this.attempts.close();
  }

  private recall(node: NodeRef, why: string): void {
    const child = nodeState(this.run.state, node)?.child;
    if (child) this.children.recall(node, child.choice, why);
  }

  private start(attempt: AttemptRef): void {
    const { host, run } = this;
    const { registered, instance: saga } = run;
    const state = run.state;
    const child = nodeState(state, attempt)?.child;
    if (child && attempt.direction === 'forward') return this.children.start(attempt, child.choice);
    if (child) return this.children.undo(attempt, child.choice);
    const instanceFor = (context: SagaContext): object | Promise<object> => host.instanceFor(registered, context);
    const call = attemptCall({ registered, saga, state, instanceFor }, attempt);
    if (call.transactional) void this.runTransactional(call);
    else this.runPlain(call);
  }

  private runPlain(call: AttemptCall): void {
    runWithoutTransaction({ place: call.place }, () => this.make(call, (end) => this.run.report(call.attempt, end)));
  }

  private async runTransactional(call: AttemptCall): Promise<void> {
    const { host, run } = this;
    const result = await runTransactionally(host.store, call, {
      call: () => new Promise((resolve) => this.make(call, resolve)),
      turns: run.turns,
      write: async (end, manager) => run.write(call.attempt, end, manager),
      adopt: (written: Written) => run.adopt(written),
    });
    if (result.kind === 'rolled-back') run.report(call.attempt, result.end);
    if (result.kind === 'lost') run.giveUp('another node owns it');
    if (result.kind === 'unknown') run.giveUp('nobody knows whether its transaction was committed', result.error);
  }

  private make(call: AttemptCall, onEnd: (end: AttemptEnd) => void): void {
    if (this.run.mayCall(call.attempt)) this.attempts.make(call, onEnd);
    else onEnd(NOT_BEGUN);
  }
}

const attemptOf = ({ step, item, direction, attempt }: AttemptRef): AttemptRef => ({
  step,
  ...(item !== undefined && { item }),
  direction,
  attempt,
});
