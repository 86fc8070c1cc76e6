import type { StepResults } from '../definition/step-types.js';
import { type Duration, parseDuration } from '../planning/durations.js';
import { readableFailure } from '../planning/failure.js';
import { fold } from '../planning/fold.js';
import { hasEnded } from '../planning/saga-status.js';
import type { SagaView } from '../planning/view.js';
import type { OutsideChange, SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import { SagaCompensatedError, SagaResultTimeoutError, SagaStuckError, SagaUnsupportedError } from './caller-errors.js';
import type { SagaClock } from './saga-clock.js';
import type { JournalEntry, SagaHandle } from './saga-handle.js';
import type { SagaReader } from './saga-reader.js';

export interface HandleParts {
  readonly store: SagaStore;
  readonly reader: SagaReader;
  readonly clock: SagaClock;
  /** Throws where the store is not open. */
  readonly ready: () => Promise<void>;
  /** Resolves when this process sees the saga end, or after the time given. */
  readonly endSeen: (sagaId: string, withinMs: number) => Promise<void>;
}

/** How often `result` asks the store about a saga that another process executes: first, and at most. */
const FIRST_LOOK_MS = 50;
const SLOWEST_LOOK_MS = 1_000;

export class StoredSagaHandle<S> implements SagaHandle<S> {
  constructor(
    private readonly parts: HandleParts,
    readonly id: string,
    readonly created: boolean,
  ) {}

  async view(): Promise<SagaView> {
    return this.parts.reader.view(await this.load());
  }

  async journal(): Promise<readonly JournalEntry[]> {
    return this.parts.reader.journal(await this.load());
  }

  async result({ timeout }: { timeout?: Duration } = {}): Promise<StepResults<S>> {
    const until = performance.now() + (timeout === undefined ? Infinity : parseDuration(timeout, 'result({ timeout })'));
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, SLOWEST_LOOK_MS)) {
      const { name, status, failure } = await this.find();
      const place = { saga: name, sagaId: this.id };
      if (status === 'completed') return this.parts.reader.results(await this.load()) as StepResults<S>;
      if (failure && status === 'compensated') throw new SagaCompensatedError(readableFailure(failure), place);
      if (failure && status === 'stuck') throw new SagaStuckError(readableFailure(failure), place);
      const leftMs = until - performance.now();
      if (leftMs <= 0)
        throw new SagaResultTimeoutError(`${place.saga} ${this.id} has not ended within ${typeof timeout === 'number' ? `${timeout}ms` : timeout}; it is ${status} and goes on.`, place);
      await this.parts.endSeen(this.id, Math.min(lookMs, leftMs));
    }
  }

  async cancel(reason: string): Promise<{ accepted: boolean }> {
    const { id } = await this.find();
    let accepted = false;
    await this.parts.store.change(id, (saga) => {
      const change = this.cancellation(saga, reason);
      accepted = change !== 'refused';
      return typeof change === 'object' ? change : null;
    });
    return { accepted };
  }

  /** The first reason stays; a saga that unwinds already does what was asked for. [R30] */
  private cancellation({ row, journal }: StoredSaga, reason: string): 'refused' | 'accepted before' | OutsideChange {
    const state = fold(journal);
    if (hasEnded(row.status) || (state.pivotBegun && !state.unwinding)) return 'refused';
    if (state.unwinding || state.cancelReason !== null) return 'accepted before';
    const at = this.parts.clock.now();
    return { entries: [{ kind: 'cancel-requested', reason, sequence: state.sequence + 1, at }], wakeAt: at };
  }

  signal(): Promise<void> {
    return notYet('signal');
  }

  retry(): Promise<void> {
    return notYet('retry');
  }

  skip(): Promise<void> {
    return notYet('skip');
  }

  resolve(): Promise<void> {
    return notYet('resolve');
  }

  compensate(): Promise<void> {
    return notYet('compensate');
  }

  pause(): Promise<void> {
    return notYet('pause');
  }

  resume(): Promise<void> {
    return notYet('resume');
  }

  private async load(): Promise<StoredSaga> {
    await this.parts.ready();
    return this.parts.reader.load(this.id);
  }

  private async find(): Promise<SagaRow> {
    await this.parts.ready();
    return this.parts.reader.find(this.id);
  }
}

async function notYet(what: string): Promise<never> {
  throw new SagaUnsupportedError(`SagaHandle.${what} is not supported by this version yet. Nothing was changed.`);
}
