import type { AttemptEnd } from '../planning/facts.js';
import type { AttemptRef, ChildChoice, NodeRef } from '../planning/journal.js';
import type { SagaInstance } from '../planning/definition.js';
import { nodesOf, refOf, runsChild, type SagaState } from '../planning/state.js';
import type { ChildSagas } from './child-sagas.js';

/** The run whose children they are. */
export interface ParentRun {
  readonly instance: SagaInstance;
  report(attempt: AttemptRef, end: AttemptEnd): void;
  /** Children were told what they had to be told. */
  lookAgain(): void;
  giveUp(why: string, error?: unknown): void;
}

/** What one saga does about the children of its steps: each thing once its intent is durable. */
export class RunChildren {
  private telling = 0;

  constructor(
    private readonly children: ChildSagas,
    private readonly run: ParentRun,
  ) {}

  /** Some child is being told to unwind: the saga may not be given back before it knows. */
  get isBusy(): boolean {
    return this.telling > 0;
  }

  start(attempt: AttemptRef, choice: ChildChoice): void {
    void this.attempt(attempt, async () => this.children.start({ parent: this.run.instance, node: nodeOf(attempt), choice }));
  }

  undo(attempt: AttemptRef, choice: ChildChoice): void {
    const { id, name } = this.run.instance;
    const reason = `its parent ${name} ${id} unwinds`;
    void this.attempt(attempt, async () => this.children.undo({ parent: this.run.instance, node: nodeOf(attempt), choice }, reason));
  }

  recall(node: NodeRef, choice: ChildChoice, why: string): void {
    this.telling += 1;
    const { id, name } = this.run.instance;
    void this.children
      .recall({ parent: this.run.instance, node: nodeOf(node), choice }, `recalled by its parent ${name} ${id}: ${why}`)
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.telling -= 1;
        if (!this.isBusy) this.run.lookAgain();
      });
  }

  /** A former owner may have died before it told them. */
  recallAgain(state: SagaState): void {
    for (const step of Object.keys(state.steps)) {
      for (const [index, node] of nodesOf(state, step).entries()) {
        if (node.child?.recalled && runsChild(node) && !this.children.hasTold(node.child.choice.id))
          this.recall(refOf(state, step, index), node.child.choice, node.child.timedOut ? 'its time is over' : 'it unwinds');
      }
    }
  }

  private async attempt(attempt: AttemptRef, work: () => Promise<AttemptEnd>): Promise<void> {
    try {
      this.run.report(attempt, await work());
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.run.giveUp('the store could not be used', error);
  }
}

const nodeOf = ({ step, item }: NodeRef): NodeRef => (item === undefined ? { step } : { step, item });
