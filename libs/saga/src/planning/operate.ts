import type { Definition, SagaInstance } from './definition.js';
import { describeFailure } from './failure.js';
import { fold } from './fold.js';
import type { Entry, EntryBody } from './journal.js';
import { entriesOfReopening } from './operate-retry.js';
import { entriesOfResolving, entriesOfSkipping, type StepRequest } from './operate-step.js';
import type { ByOperator } from './operator-note.js';
import { SagaOperationError } from './saga-operation.error.js';
import { hasEnded } from './saga-status.js';
import type { SagaState } from './state.js';

export type OperatorRequest = StepRequest | ({ readonly kind: 'retry' | 'compensate' | 'pause' | 'resume' } & ByOperator);

/** A saga as an operator finds it. */
export interface OperatedSaga {
  readonly instance: Pick<SagaInstance, 'id' | 'name' | 'parent'>;
  readonly state: SagaState;
  /** Undefined where this process does not know it: what needs it is refused. */
  readonly definition: Definition | undefined;
}

export interface Operation {
  /** None: it is so already. */
  readonly entries: readonly Entry[];
  /** After them. */
  readonly state: SagaState;
}

/**
 * What an operator's command makes of a saga. [R16] Pure, as `decide` is: it only writes down what was asked for; what begins
 * then is for `decide`.
 *
 * @param at milliseconds since the epoch, by the database's clock
 * @throws SagaOperationError where the saga does not take the command as it stands
 */
export function operate(saga: OperatedSaga, request: OperatorRequest, at: number): Operation {
  const { state } = saga;
  const entries = bodiesOf(saga, request).map((body, index): Entry => ({ ...body, sequence: state.sequence + 1 + index, at }));
  return { entries, state: fold(entries, state) };
}

function bodiesOf(saga: OperatedSaga, request: OperatorRequest): readonly EntryBody[] {
  const { state } = saga;
  switch (request.kind) {
    case 'retry':
      requireStuck(saga);
      return [{ kind: 'retry-requested', by: request.by }, ...entriesOfReopening(saga, request)];
    case 'skip':
      requireOpen(saga, 'there is nothing left to skip');
      return entriesOfSkipping(saga, request);
    case 'resolve':
      requireOpen(saga, 'there is nothing left to resolve');
      return entriesOfResolving(saga, request);
    case 'compensate':
      return takeBack(saga, request);
    case 'pause':
      requireOpen(saga, 'there is nothing to pause');
      return state.paused ? [] : [{ kind: 'saga-paused', by: request.by }];
    case 'resume':
      requireOpen(saga, 'there is nothing to resume');
      return state.paused ? [{ kind: 'saga-resumed', by: request.by }] : [];
  }
}

function takeBack(saga: OperatedSaga, { by }: ByOperator): readonly EntryBody[] {
  const { status, unwinding, pivotBegun, failure } = saga.state;
  if (status === 'compensated') throw refusal(saga, 'all that it owed is undone already');
  if (unwinding) throw refusal(saga, `it unwinds already: ${failure ? describeFailure(failure) : 'no reason is known'}`);
  if (status === 'completed' && saga.instance.parent)
    throw refusal(
      saga,
      `its parent ${saga.instance.parent.sagaId} goes on from what it did. Take back the parent, which takes back its children`,
    );
  if (pivotBegun) throw refusal(saga, 'its pivot has begun, so it has no way back. Taking back is a saga of its own: start that');
  return [{ kind: 'unwinding-began', failure: { kind: 'cancelled', code: 'SAGA_TAKEN_BACK', message: by.reason }, by }];
}

function requireStuck(saga: OperatedSaga): void {
  const { status, paused } = saga.state;
  if (status === 'stuck') return;
  if (hasEnded(status)) throw refusal(saga, 'it has ended, and there is nothing to try again');
  throw refusal(
    saga,
    `only a stuck saga is tried again, and this one still goes on by itself${paused ? ' once it is resumed' : ''}. Skip or resolve the step instead, or wait`,
  );
}

function requireOpen(saga: OperatedSaga, so: string): void {
  if (hasEnded(saga.state.status)) throw refusal(saga, `it has ended, and ${so}`);
}

const refusal = ({ instance: { id, name }, state: { status } }: OperatedSaga, why: string): SagaOperationError =>
  new SagaOperationError(`${name} ${id} is ${status}: ${why}. Nothing was changed.`, { saga: name, sagaId: id });
