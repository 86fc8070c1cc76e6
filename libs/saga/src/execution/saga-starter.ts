import type { EntityManager } from 'typeorm';

import type { RegisteredSaga } from '../definition/registered-saga.js';
import { decide } from '../planning/decide.js';
import type { SagaInstance } from '../planning/definition.js';
import { type Duration, parseDuration } from '../planning/durations.js';
import { fold } from '../planning/fold.js';
import { hasEnded } from '../planning/saga-status.js';
import type { NewSaga, SagaStore } from '../store/saga-store.js';
import { SagaConflictError } from './caller-errors.js';
import { firstEntryOf, unownedSaga } from './new-saga.js';
import { Gate } from './gate.js';
import { newSagaId } from './new-saga-id.js';
import type { Observer } from './observation.js';
import { progressOf } from './progress.js';
import type { SagaClock } from './saga-clock.js';
import { type CheckedInput, checkInput, checkMetadata } from './saga-input.js';
import type { SagaWorker } from './saga-worker.js';

/** Of one start. */
export interface StartOptions {
  /** Business key; left out: what the definition's `key` makes of the input. */
  key?: string;
  /** Begins this much later. */
  delay?: Duration;
  /** Joins the caller's transaction: an open one, on the module's data source. */
  manager?: EntityManager;
  /** Tenant, user, correlation id, `traceparent`: on every context, command, event and log line of the saga. Texts. Default: none. */
  metadata?: Record<string, string>;
}

export interface Started {
  readonly id: string;
  /** False: a saga with the same key was there. */
  readonly created: boolean;
}

interface Recording {
  readonly input: CheckedInput;
  readonly onWait: () => void;
}

/**
 * Starts that are on their way to the store at once. Whatever waits longer has its input and little else: with 1,000 sagas in flight V8's collector promoted
 * 20.6 kB a saga where all starts were made at once, and 5 to 6 kB so (ADR 10).
 */
const STARTS_AT_ONCE = 64;

/** Records new sagas, and hands them to this node's worker where it has room. */
export class SagaStarter {
  private readonly gate = new Gate(STARTS_AT_ONCE);

  constructor(
    private readonly parts: {
      readonly store: SagaStore;
      readonly clock: SagaClock;
      readonly worker: SagaWorker;
      readonly observe: Observer;
    },
  ) {}

  /** @throws SagaInputError, SagaConflictError, SagaStoreError: nothing was recorded, or the saga of this key stands as it was */
  async start(registered: RegisteredSaga, given: unknown, options: StartOptions = {}): Promise<Started> {
    const input = await checkInput(registered, given, options.key);
    // In a transaction of the caller it goes out at once: that holds what others wait for.
    if (options.manager !== undefined) return this.startChecked(registered, input, options, () => undefined);
    return this.gate.pass((leave) => this.startChecked(registered, input, options, leave));
  }

  /** @param onWait called where it waits for somebody else, as for whoever is about to take its key */
  private async startChecked(registered: RegisteredSaga, input: CheckedInput, options: StartOptions, onWait: () => void): Promise<Started> {
    const delayMs = options.delay === undefined ? 0 : parseDuration(options.delay, 'start({ delay })');
    const instance = this.instance(registered, input, { ...options, delayMs });
    const owner = options.manager === undefined && delayMs === 0 ? this.parts.worker.ownerForNext : undefined;
    return owner === undefined
      ? this.startUnowned(registered, instance, { input, delayMs, manager: options.manager, onWait })
      : this.startOwned(registered, instance, { input, owner, onWait });
  }

  private instance(
    { definition }: RegisteredSaga,
    { stored, key }: CheckedInput,
    { delayMs, metadata }: { readonly delayMs: number; readonly metadata?: Record<string, string> },
  ): SagaInstance {
    const startedAt = this.parts.clock.now();
    return {
      id: newSagaId(),
      name: definition.name,
      version: definition.version,
      key,
      input: stored,
      metadata: checkMetadata(definition.name, metadata),
      startedAt,
      deadlineAt: definition.timeoutMs === null ? null : startedAt + delayMs + definition.timeoutMs,
    };
  }

  /** For any node to take up: it joins a transaction, waits, or this node has no room. */
  private async startUnowned(
    registered: RegisteredSaga,
    instance: SagaInstance,
    { input, delayMs, manager, onWait }: Recording & { readonly delayMs: number; readonly manager: EntityManager | undefined },
  ): Promise<Started> {
    const { hash } = registered.definition;
    return this.record(
      unownedSaga(instance, {
        hash,
        inputHash: input.hash,
        wakeAt: delayMs === 0 ? this.parts.clock.past() : instance.startedAt + delayMs,
      }),
      onWait,
      manager,
    );
  }

  /** Born owned by this node, its first intents with it: one write, and it runs without being claimed. */
  private async startOwned(
    registered: RegisteredSaga,
    instance: SagaInstance,
    { input, owner, onWait }: Recording & { readonly owner: string },
  ): Promise<Started> {
    const { worker, observe } = this.parts;
    const first = firstEntryOf(instance);
    const {
      state,
      entries: intents,
      wakeAt,
    } = decide(registered.definition, instance, fold([first]), [], {
      now: instance.startedAt,
      random: Math.random,
      standsBy: worker.isHeld,
    });
    const entries = [first, ...intents];
    worker.expect(instance.id);
    try {
      const isBornEnded = hasEnded(state.status);
      const progress = progressOf(state, wakeAt);
      const saga: NewSaga = {
        instance,
        hash: registered.definition.hash,
        inputHash: input.hash,
        entries,
        progress,
        owner: isBornEnded ? null : owner,
      };
      const started = await this.record(saga, onWait);
      if (!started.created) return started;
      for (const entry of entries) observe({ kind: 'recorded', saga: instance, entry });
      if (!isBornEnded)
        worker.adopt(
          { registered, instance, state, ownership: { owner, epoch: 1, revision: 0 }, paused: false, progress },
          intents,
          wakeAt,
        );
      return started;
    } finally {
      worker.unexpect(instance.id);
    }
  }

  private async record(saga: NewSaga, onWait: () => void, manager?: EntityManager): Promise<Started> {
    const { id, name, key } = saga.instance;
    const result = await this.parts.store.start(saga, manager, onWait);
    if (result.kind === 'created') return { id, created: true };
    if (result.inputHash === saga.inputHash) return { id: result.id, created: false };
    throw new SagaConflictError(
      `${name} was started with key '${key}' before, and with another input (saga ${result.id}). Use another key, or the same input.`,
      { saga: name, sagaId: result.id },
    );
  }
}
