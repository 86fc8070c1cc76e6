import type { SagaFailure } from '../planning/failure.js';

export interface LifecycleFacts {
  readonly sagaId: string;
  readonly name: string;
  readonly key: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly at: Date;
}

/**
 * Reaches the EventBus after the checkpoint that it tells of is durable, at most once, on the node that wrote it. A crash
 * between the two loses it: what must not be lost is a step. [R33]
 */
export abstract class SagaLifecycleEvent {
  /** A UUID. */
  readonly sagaId: string;
  /** Of the definition. */
  readonly name: string;
  /** Business key; null: it has none. */
  readonly key: string | null;
  /** What the start was given. */
  readonly metadata: Readonly<Record<string, string>>;
  /** When it was recorded, by the database's clock. */
  readonly at: Date;

  constructor({ sagaId, name, key, metadata, at }: LifecycleFacts) {
    this.sagaId = sagaId;
    this.name = name;
    this.key = key;
    this.metadata = metadata;
    this.at = at;
  }
}

/** It is recorded; no step has begun. */
export class SagaStartedEvent extends SagaLifecycleEvent {}

/** All its steps are done. */
export class SagaCompletedEvent extends SagaLifecycleEvent {}

abstract class SagaFailureEvent extends SagaLifecycleEvent {
  constructor(
    facts: LifecycleFacts,
    /** Why. */
    readonly failure: SagaFailure,
  ) {
    super(facts);
  }
}

/** It unwinds from here on. */
export class SagaCompensatingEvent extends SagaFailureEvent {}

/** All was undone but what `failure.left` names. */
export class SagaCompensatedEvent extends SagaFailureEvent {}

/** It waits for an operator. */
export class SagaStuckEvent extends SagaFailureEvent {}

/** Something needs a look, and nothing was changed: many attempts past the pivot, a deadline past it, a compensation that keeps failing. */
export class SagaAlertEvent extends SagaLifecycleEvent {
  constructor(
    facts: LifecycleFacts,
    /** Null: it is about the saga as a whole. */
    readonly step: string | null,
    /** For people. */
    readonly message: string,
  ) {
    super(facts);
  }
}
