import { advance } from './advance.js';
import { forwardAlone } from './begin-steps.js';
import type { Definition, SagaInstance } from './definition.js';
import { Draft } from './draft.js';
import type { Fact, Situation } from './facts.js';
import { forwardDueAt } from './forward-state.js';
import type { Entry } from './journal.js';
import { record } from './record.js';
import { hasEnded } from './saga-status.js';
import type { SagaState } from './state.js';
import { unwindingAlone, unwindingDueAt } from './unwind.js';

export interface Decision {
  /** After `entries`. */
  readonly state: SagaState;
  /** What the journal is to say, in order. An `attempt-started` among them is to be invoked once it is durable. [R1] */
  readonly entries: readonly Entry[];
  /** When time alone makes something possible, milliseconds since the epoch; null: it does not. */
  readonly wakeAt: number | null;
  /** An attempt could begin now if its node were empty: to be decided on again with `alone`. [R21] */
  readonly wantsAlone: boolean;
}

/**
 * The heart: what happened, and what begins because of it. Pure: no clock, no I/O; the same arguments give the same
 * decision. Unwinding is the same function over the same graph, the other way round.
 *
 * @param facts in the order in which they became known; none: only time has passed
 * @throws JournalFault where the state and the definition do not fit each other
 */
export function decide(
  definition: Definition,
  saga: SagaInstance,
  state: SagaState,
  facts: readonly Fact[],
  situation: Situation,
): Decision {
  const draft = new Draft(definition, saga, state, situation);
  for (const fact of facts) record(draft, fact);
  if (!situation.hold) advance(draft);
  return { state: draft.state, entries: draft.entries, wakeAt: wakeTime(draft), wantsAlone: wantsAlone(draft) };
}

function wantsAlone(draft: Draft): boolean {
  const { status, unwinding } = draft.state;
  if (hasEnded(status) || status === 'stuck') return false;
  return (unwinding ? unwindingAlone(draft) : forwardAlone(draft)) !== undefined;
}

function wakeTime(draft: Draft): number | null {
  const { state, saga } = draft;
  if (hasEnded(state.status)) return null;
  const deadlineAt = state.unwinding || state.deadlineAlerted ? null : saga.deadlineAt;
  const workAt = state.status === 'stuck' ? null : state.unwinding ? unwindingDueAt(draft) : forwardDueAt(draft);
  const times = [deadlineAt, workAt].filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}
