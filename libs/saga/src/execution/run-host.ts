import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaContext } from '../definition/saga-context.js';
import type { SagaInstance } from '../planning/definition.js';
import type { Decision } from '../planning/decide.js';
import type { SagaState } from '../planning/state.js';
import type { Mail } from '../store/mail.js';
import type { Ownership, SagaProgress, SagaStore } from '../store/saga-store.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { Lane } from './lane.js';
import type { ChildSagas } from './child-sagas.js';
import type { MailCarrier } from './mail-carrier.js';
import type { Observer } from './observation.js';
import type { SagaClock } from './saga-clock.js';
import type { SagaRun } from './saga-run.js';

/** What a run needs of its node. */
export interface RunHost {
  readonly store: SagaStore;
  readonly clock: SagaClock;
  readonly runner: AttemptRunner;
  readonly mail: Pick<MailCarrier, 'collectFor' | 'carry'>;
  readonly children: ChildSagas;
  readonly observe: Observer;
  readonly lane: Lane;
  /** The object whose methods are the steps, for one attempt. */
  instanceFor(saga: RegisteredSaga, context: SagaContext): object | Promise<object>;
  /** False: the lease of that owner may be over; nothing may begin. [R22] */
  isSafe(owner: string): boolean;
  over(run: SagaRun, over: Over): void;
}

/** A decision that is durable. */
export interface Written {
  readonly decision: Decision;
  /** What the row says now; undefined: not known. */
  readonly progress: SagaProgress | undefined;
  /** The saga was given back with it. */
  readonly released: boolean;
  /** To its parent. */
  readonly mail: readonly Mail[];
}

/** A run is over. */
export interface Over {
  /** given-back: with its last checkpoint, ended or not. given-up: nothing was written, and the saga may still be this node's. */
  readonly how: 'given-back' | 'given-up';
  /** By a change that it has not read. */
  readonly wasWoken: boolean;
}

/** A saga as it enters the memory of the node that owns it. */
export interface OwnedSagaState {
  readonly registered: RegisteredSaga;
  readonly instance: SagaInstance;
  readonly state: SagaState;
  readonly ownership: Ownership;
  readonly paused: boolean;
  /** What its row says; left out: not known, and the first checkpoint may write it again. */
  readonly progress?: SagaProgress;
}
