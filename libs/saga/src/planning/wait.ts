import type { StepDefinition, WaitDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { NodeRef } from './journal.js';
import { pivotMarkOf, startAttempt } from './start-attempt.js';
import { type NodeState, nodeState } from './state.js';

/** A step that waits, and the node that it is. */
export interface Waiting {
  readonly step: StepDefinition;
  readonly wait: WaitDefinition;
  readonly ref: NodeRef;
}

/** From here on a message of its name settles the step. True where it is settled at once, without a call. */
export function beginWait(draft: Draft, waiting: Waiting): boolean {
  const { channel, name, timeoutMs } = waiting.wait;
  draft.add({
    kind: 'step-waits',
    ...waiting.ref,
    wait: { channel, name, until: timeoutMs === null ? null : draft.now + timeoutMs },
  });
  return settleWait(draft, waiting);
}

/**
 * Takes the oldest message that the step waits for, and calls its method; or ends the wait when its time is over. What came before
 * that was recorded counts, however late it is looked at. [R27, R28]
 *
 * @returns true where the step is settled without a call
 */
export function settleWait(draft: Draft, { step, wait, ref }: Waiting): boolean {
  const node = nodeState(draft.state, ref);
  if (!node?.wait) return false;
  const { until } = node.wait;
  const { channel, name } = wait;
  // Its class was changed while it waited: whoever asks what it waits for is to be told what it takes now. [R23]
  if (node.wait.channel !== channel || node.wait.name !== name) draft.add({ kind: 'step-waits', ...ref, wait: { channel, name, until } });
  const message = draft.state.inbox.find((one) => one.channel === channel && one.name === name);
  if (message !== undefined) {
    startAttempt(draft, step, ref, { attempt: node.attempts + 1, message: message.sequence });
    return false;
  }
  if (until === null || until > draft.now) return false;
  const why = `no ${channel} ${name} came ${wait.timeoutMs === null ? 'in time' : `within ${wait.timeoutMs}ms`}`;
  if (wait.onTimeout === 'continue') draft.add({ kind: 'step-skipped', ...ref, why, ...pivotMarkOf(step) });
  else draft.add({ kind: 'step-failed', ...ref, error: { code: 'SAGA_WAIT_TIMED_OUT', message: why }, refused: false, timedOut: true });
  return true;
}

/** When the time of a node comes, milliseconds since the epoch; null: it does not wait for time. */
export const dueAtOf = ({ wait, dueAt }: NodeState): number | null => (wait === null ? dueAt : wait.until);
