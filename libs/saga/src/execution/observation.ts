import type { SagaInstance } from '../planning/definition.js';
import type { Entry } from '../planning/journal.js';

/** What the executor tells of: the one union that logs, events, metrics and traces are made of. */
export type Observation =
  /** Durable now. [R33] */
  | { readonly kind: 'recorded'; readonly saga: SagaInstance; readonly entry: Entry }
  /** Another node owns it now, or this node cannot be sure that it still does; what it ran here is aborted. */
  | { readonly kind: 'given-up'; readonly saga: SagaInstance; readonly why: string; readonly error?: unknown }
  /** No definition here fits it: it stays where it is, for a node that has one. [R23] */
  | { readonly kind: 'left-alone'; readonly saga: SagaInstance; readonly why: string; readonly step?: string }
  | { readonly kind: 'store-unavailable'; readonly doing: string; readonly error: unknown }
  /** Deleted after their retention: what so many sagas held, and the keys of so many. */
  | { readonly kind: 'swept'; readonly sagas: number; readonly keys: number }
  | { readonly kind: 'lease-lost'; readonly nodeId: string }
  /** An event that a saga waits for could not be kept: it is lost, unless it is published again. `partly`: some of its waits have it. */
  | { readonly kind: 'event-refused'; readonly name: string; readonly message: string; readonly error: unknown; readonly partly?: true }
  | { readonly kind: 'start-failed'; readonly name: string; readonly message: string; readonly error: unknown };

/** Must neither throw nor wait: the executor calls it between two checkpoints. */
export type Observer = (observation: Observation) => void;
