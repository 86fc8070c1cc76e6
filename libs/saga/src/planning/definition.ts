import type { NodeRef, Wait } from './journal.js';
import type { ResolvedRetryPolicy } from './retry-policy.js';
import type { StoredValue } from './payload.js';

export type StepKind = 'compensatable' | 'pivot' | 'retriable' | 'readonly' | 'child';

/** What `when` and `each` may look at. Values are in stored form; the definition layer decodes them for user code. */
export interface StepScope {
  readonly saga: SagaInstance;
  readonly step: string;
  /** Result of a step (a list where it fans out), by name; undefined where it left none. */
  readonly results: Readonly<Record<string, StoredValue>>;
}

/** What never changes in one saga. */
export interface SagaInstance {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly key: string | null;
  readonly input: StoredValue;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly startedAt: number;
  /** When the forward part must have reached its pivot; null: no deadline. */
  readonly deadlineAt: number | null;
  /** The step, or item, that runs it; left out: nobody's child. */
  readonly parent?: ParentRef;
}

export interface ParentRef extends NodeRef {
  readonly sagaId: string;
}

export interface CompensationDefinition {
  readonly retry: ResolvedRetryPolicy;
  /** Limit of one attempt; null: none. */
  readonly timeoutMs: number | null;
  readonly onUnknown: 'compensate' | 'skip';
  readonly transactional: boolean;
}

/** What a step waits for before its method is called. */
export interface WaitDefinition {
  readonly channel: Wait['channel'];
  /** Of the event's class, or of the signal. */
  readonly name: string;
  /** How long it waits; null: without limit. */
  readonly timeoutMs: number | null;
  readonly onTimeout: 'fail' | 'continue';
}

export interface StepDefinition {
  readonly name: string;
  /** Earlier names, for sagas begun before a rename. */
  readonly was: readonly string[];
  readonly kind: StepKind;
  /** Names of the steps that must be done first. */
  readonly after: readonly string[];
  /** Evaluated once; false skips the step. May throw: the step has failed then, and nothing ran. */
  readonly when?: (scope: StepScope) => boolean;
  /** Evaluated once; one node for each item. */
  readonly each?: (scope: StepScope) => readonly unknown[];
  /** How many items run side by side. */
  readonly concurrency: number;
  readonly onRejected: 'unwind' | 'continue';
  readonly retry: ResolvedRetryPolicy;
  /** Limit of one attempt; null: none. */
  readonly timeoutMs: number | null;
  /** How long its participant may take that answers later; null: as long as it takes. */
  readonly replyTimeoutMs: number | null;
  readonly delayMs: number;
  /** It runs another saga, as long as `timeoutMs` at most; null: without limit. */
  readonly child: { readonly timeoutMs: number | null } | null;
  /** Null: its method is called at once. */
  readonly wait: WaitDefinition | null;
  readonly transactional: boolean;
  readonly idempotent: boolean;
  /** Null: there is nothing to undo. */
  readonly compensation: CompensationDefinition | null;
}

/** A saga definition as the planner sees it: a checked graph, and no classes. */
export interface Definition {
  readonly name: string;
  readonly version: number;
  /** Of names, dependencies and kinds. */
  readonly hash: string;
  readonly timeoutMs: number | null;
  /** In graph order: as declared in the class, inherited ones first. */
  readonly steps: readonly StepDefinition[];
  /** Largest stored value, in bytes: items of `each` are checked against it. */
  readonly maxPayload: number;
  /** Attempts after which an alert is raised. */
  readonly alertAfter: number;
  /** Crashes of one step after which the saga is stuck. */
  readonly crashLimit: number;
}
