import { v5 as uuidV5 } from 'uuid';

import type { ChildSaga } from '../definition/child-saga.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaRegistry } from '../definition/saga-registry.js';
import type { SagaInstance } from '../planning/definition.js';
import { errorRecordOf } from '../planning/error-record.js';
import type { AttemptEnd } from '../planning/facts.js';
import { fold } from '../planning/fold.js';
import { graphOf } from '../planning/graph.js';
import type { ChildChoice, NodeRef } from '../planning/journal.js';
import { neverBegun, recallChild } from '../planning/recall.js';
import type { SagaState } from '../planning/state.js';
import type { SagaStore } from '../store/saga-store.js';
import { NothingWasDone } from './attempt-end.js';
import { unownedSaga } from './new-saga.js';
import type { Observer } from './observation.js';
import { progressOf } from './progress.js';
import type { SagaClock } from './saga-clock.js';
import { checkInput, inputHashOf } from './saga-input.js';

/** The step, or item, of a saga that runs a child. */
export interface ChildPlace {
  readonly parent: SagaInstance;
  readonly node: NodeRef;
  /** 1-based: an operator's retry runs another child. */
  readonly round: number;
  /** Of `kind: 'child'`. */
  readonly isChildStep: boolean;
  /** After the parent's pivot: then a child with a pivot of its own is allowed. */
  readonly isPastPivot: boolean;
}

export interface ChildOf {
  readonly parent: SagaInstance;
  readonly node: NodeRef;
  readonly choice: ChildChoice;
}

interface ChildParts {
  readonly store: SagaStore;
  readonly clock: SagaClock;
  readonly registry: SagaRegistry;
  readonly observe: Observer;
}

/** Starts the sagas that steps run, and has them unwind. Everything here may be done twice: a child has its id before it is there. [R31] */
export class ChildSagas {
  /** Children that this node has told to unwind, the last ones: that cannot be taken back, so nobody need tell them again. */
  private readonly told = new Set<string>();

  constructor(private readonly parts: ChildParts) {}

  /** Which child a method named by what it returned. Nothing is started before that is durable. @throws NothingWasDone */
  async choose({ saga, input, key }: ChildSaga<unknown>, step: string, place: ChildPlace): Promise<AttemptEnd> {
    if (!place.isChildStep) throw new NothingWasDone(`${step} returned child(${saga.name}), and is no child step. Add kind: 'child'.`);
    const registered = this.registered(saga, step);
    const { name, version } = registered.definition;
    if (graphOf(registered.definition).pivot !== null && !place.isPastPivot)
      throw new NothingWasDone(
        `${step} runs ${name}, which has a pivot, so it could not be undone together with its parent. A child with a pivot is allowed only after the parent's pivot: move the step, or remove the pivot of ${saga.name}.`,
      );
    const checked = await checkInput(registered, input, key).catch((error: unknown) => {
      throw new NothingWasDone(`${step} runs ${name}: ${errorRecordOf(error).message}`);
    });
    const { hash, timeoutMs } = registered.definition;
    return {
      kind: 'chose-child',
      child: { id: childIdOf(place), name, version, key: checked.key, input: checked.stored, hash, timeoutMs },
    };
  }

  /** Its class need not be known here: another node may have chosen it, and another may run it. Rejects where the store does not answer. [R23] */
  async start(child: ChildOf): Promise<AttemptEnd> {
    const { store, clock } = this.parts;
    const { id, hash } = child.choice;
    const saga = unownedSaga(instanceOf(child, clock.now()), { hash, inputHash: inputHashOf(child.choice), wakeAt: clock.past() });
    const result = await store.start(saga);
    if (result.kind === 'created' || result.id === id) return { kind: 'left-to-child' };
    const message = await this.conflict(child, result.id);
    return { kind: 'threw', error: { code: 'SAGA_CHILD', message }, effect: 'none', retryable: false };
  }

  /** Forward: it is cancelled, unless it has ended by now. Its own end tells the rest. Rejects where the store does not answer. */
  async recall(child: ChildOf, why: string): Promise<void> {
    const { id } = child.choice;
    if (this.hasTold(id)) return;
    await this.unwind(child, { reason: why, takesBack: false });
    this.told.add(id);
    const [oldest] = this.told;
    if (this.told.size > TOLD_AT_MOST && oldest !== undefined) this.told.delete(oldest);
  }

  /** A parent is taken up with each end of a child: telling all the others each time would cost the square of their number. */
  hasTold(childId: string): boolean {
    return this.told.has(childId);
  }

  /** As the compensation of its step: it is cancelled, or taken back where it was completed. Rejects where the store does not answer. */
  async undo(child: ChildOf, reason: string): Promise<AttemptEnd> {
    const state = await this.unwind(child, { reason, takesBack: true });
    // Undone, or not there: its key is another's, so it was never started.
    if (state === undefined || state.status === 'compensated') return { kind: 'returned' };
    if (state.unwinding || !state.pivotBegun) return { kind: 'left-to-child' };
    const { id, name } = child.choice;
    const message = `${name} ${id} has passed its pivot, so it has no way back. See to what it did, then resolve or skip this`;
    return { kind: 'refused', error: { code: 'SAGA_CHILD', message } };
  }

  private async unwind(child: ChildOf, request: { readonly reason: string; readonly takesBack: boolean }): Promise<SagaState | undefined> {
    const { store, clock, observe } = this.parts;
    const { id } = child.choice;
    if ((await store.find(id)) === undefined) await this.preclude(child, request.reason);
    let recalled: ReturnType<typeof recallChild> | undefined;
    await store.change(id, ({ row, journal }) => {
      recalled = recallChild(journal, { ...request, at: clock.now() });
      const { entries, state } = recalled;
      return entries.length === 0 ? null : { entries, progress: progressOf(state, null), wakeAt: row.paused ? row.wakeAt : clock.past() };
    });
    const saga = await store.find(id);
    if (saga !== undefined) for (const entry of recalled?.entries ?? []) observe({ kind: 'recorded', saga, entry });
    return recalled?.state;
  }

  /** One that a dead node was about to start could come to life later: it is recorded as undone. */
  private async preclude(child: ChildOf, reason: string): Promise<void> {
    const { store, clock } = this.parts;
    const { hash } = child.choice;
    const instance = instanceOf(child, clock.now());
    const entries = neverBegun(reason, instance.startedAt);
    await store.start({
      instance,
      hash,
      inputHash: inputHashOf(child.choice),
      entries,
      progress: progressOf(fold(entries), null),
      owner: null,
    });
  }

  /** A key is never given to a second saga: not even to the child that follows one that failed. */
  private async conflict({ parent, node, choice: { name, key } }: ChildOf, otherId: string): Promise<string> {
    const other = await this.parts.store.find(otherId);
    const isOfEarlierRound = other?.parent?.sagaId === parent.id && other.parent.step === node.step && other.parent.item === node.item;
    return isOfEarlierRound
      ? `${name} with key '${key}' is the child of an earlier round (${otherId}), and keeps its key. Do its work by hand and resolve ${node.step}, skip it, or let child(…, { key }) depend on context.attempt`
      : `${name} with key '${key}' is another saga (${otherId}), which is not its child. Give child(…, { key }) a key of its own`;
  }

  private registered(saga: ChildSaga<unknown>['saga'], step: string): RegisteredSaga {
    try {
      return this.parts.registry.ofType(saga);
    } catch (error) {
      throw new NothingWasDone(`${step} runs ${saga.name}: ${errorRecordOf(error).message}`);
    }
  }
}

const instanceOf = ({ parent, node, choice }: ChildOf, startedAt: number): SagaInstance => ({
  id: choice.id,
  name: choice.name,
  version: choice.version,
  key: choice.key,
  input: choice.input,
  metadata: parent.metadata,
  startedAt,
  deadlineAt: choice.timeoutMs === null ? null : startedAt + choice.timeoutMs,
  parent: { sagaId: parent.id, ...node },
});

/** Told once more, a child only costs a look at it. */
const TOLD_AT_MOST = 10_000;

const childIdOf = ({ parent, node, round }: ChildPlace): string => uuidV5(JSON.stringify([node.step, node.item ?? null, round]), parent.id);
