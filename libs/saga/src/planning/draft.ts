import type { Definition, SagaInstance } from './definition.js';
import type { Situation } from './facts.js';
import { apply } from './fold.js';
import { type Graph, graphOf } from './graph.js';
import type { Entry, EntryBody } from './journal.js';
import type { Changing, SagaState } from './state.js';

/** A decision in the making: each entry that is added is folded at once, so what follows sees it. */
export class Draft {
  readonly entries: Entry[] = [];
  readonly graph: Graph;

  constructor(
    readonly definition: Definition,
    readonly saga: SagaInstance,
    public state: SagaState,
    readonly situation: Situation,
  ) {
    this.graph = graphOf(definition);
  }

  get now(): number {
    return this.situation.now;
  }

  add(body: EntryBody): void {
    // Not a copy: the body was made for this, and entries are most of what a decision makes.
    const entry = body as Changing<Entry>;
    entry.sequence = this.state.sequence + 1;
    entry.at = this.now;
    this.state = apply(this.state, entry);
    this.entries.push(entry);
  }
}
