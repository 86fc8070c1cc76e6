import type { Scope, Type } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { Definition } from '../planning/definition.js';

/** A checked saga: its graph for the planner, and what leads from there back to its class. */
export interface RegisteredSaga {
  readonly type: Type<object>;
  readonly definition: Definition;
  /** By step. */
  readonly methods: ReadonlyMap<string, StepMethods>;
  /** By the name under which a step began, its name today: of steps that were renamed since. Left out: none was. [R23] */
  readonly renamed?: ReadonlyMap<string, string>;
  readonly startRules: readonly SagaStartRule[];
  /** Business key of an input. */
  readonly key?: (input: unknown) => string;
  readonly inputSchema?: StandardSchemaV1;
  readonly scope?: Scope;
  /** Events that some step waits for. */
  readonly awaitedEvents: readonly AwaitedEvent[];
  /** Names of the signals that some step waits for. */
  readonly signals: ReadonlySet<string>;
}

/** An event that a saga waits for. */
export interface AwaitedEvent {
  readonly event: Type<object>;
  /** As stored: the name of its class. */
  readonly name: string;
  /** Business key of the saga that it is for. */
  readonly keyOf: (event: object) => unknown;
}

/** Names of the methods of a step. */
export interface StepMethods {
  readonly action: string;
  readonly compensation?: string;
}

/** A message that starts a saga. */
export interface SagaStartRule {
  readonly message: Type<object>;
  /** A class that extends `Command` of @nestjs/cqrs comes by the CommandBus, any other by the EventBus. */
  readonly kind: 'command' | 'event';
  /** What the saga is started with. */
  readonly inputOf: (message: object) => unknown;
}
