import type { SagaRegistry } from '../definition/saga-registry.js';
import type { Signal } from '../definition/signal.js';
import type { StepResults } from '../definition/step-types.js';
import { type Duration, parseDuration } from '../planning/durations.js';
import { readableFailure } from '../planning/failure.js';
import { fold } from '../planning/fold.js';
import type { Entry } from '../planning/journal.js';
import { hasEnded } from '../planning/saga-status.js';
import type { SagaView } from '../planning/view.js';
import type { SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import { SagaCompensatedError, SagaResultTimeoutError, SagaStuckError, SagaUnsupportedError } from './caller-errors.js';
import type { MailCarrier } from './mail-carrier.js';
import type { Observer } from './observation.js';
import type { SagaClock } from './saga-clock.js';
import type { JournalEntry, SagaHandle } from './saga-handle.js';
import { isStorableText } from './saga-input.js';
import type { SagaReader } from './saga-reader.js';
import { sendSignal, type SignalOptions } from './signal-sender.js';

export interface HandleParts {
  readonly store: SagaStore;
  readonly reader: SagaReader;
  readonly registry: SagaRegistry;
  readonly mail: MailCarrier;
  readonly clock: SagaClock;
  readonly observe: Observer;
  /** Throws where the store is not open. */
  readonly ready: () => Promise<void>;
  /** Resolves when this process sees the saga end, or after the time given. */
  readonly endSeen: (sagaId: string, withinMs: number) => Promise<void>;
}

/** How often `result` asks the store about a saga that another process executes: first, and at most. */
const FIRST_LOOK_MS = 50;
const SLOWEST_LOOK_MS = 1_000;

/** What a request to cancel makes of a saga. */
interface Cancellation {
  readonly accepted: boolean;
  readonly entries: readonly Entry[];
}

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
      if (status === 'completed') return (await this.parts.reader.results(await this.load())) as StepResults<S>;
      if (failure && status === 'compensated') throw new SagaCompensatedError(readableFailure(failure), place);
      if (failure && status === 'stuck') throw new SagaStuckError(readableFailure(failure), place);
      const leftMs = until - performance.now();
      if (leftMs <= 0)
        throw new SagaResultTimeoutError(
          `${place.saga} ${this.id} has not ended within ${typeof timeout === 'number' ? `${timeout}ms` : timeout}; it is ${status} and goes on.`,
          place,
        );
      await this.parts.endSeen(this.id, Math.min(lookMs, leftMs));
    }
  }

  async cancel(reason: string): Promise<{ accepted: boolean }> {
    requireReason(reason);
    const row = await this.find();
    const { id } = row;
    let outcome: Cancellation = { accepted: false, entries: [] };
    await this.parts.store.change(id, (saga) => {
      outcome = cancellationOf(saga, reason, this.parts.clock.now());
      return outcome.entries.length === 0
        ? null
        : { entries: outcome.entries, wakeAt: outcome.accepted ? this.parts.clock.now() : saga.row.wakeAt };
    });
    for (const entry of outcome.entries) this.parts.observe({ kind: 'recorded', saga: row, entry });
    return { accepted: outcome.accepted };
  }

  async signal<P = unknown>(signal: string | Signal<P>, payload?: P, options: SignalOptions = {}): Promise<void> {
    await this.parts.ready();
    await sendSignal(this.parts, { sagaId: this.id, signal, payload, options });
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

/** The first reason stays; a saga that unwinds already does what was asked for. Past the pivot it is said aloud, and changes nothing. [R11, R30] */
function cancellationOf({ row, journal }: StoredSaga, reason: string, at: number): Cancellation {
  const state = fold(journal);
  const next = { sequence: state.sequence + 1, at };
  if (hasEnded(row.status)) return { accepted: false, entries: [] };
  if (state.unwinding || state.cancelReason !== null) return { accepted: !state.pivotBegun, entries: [] };
  if (!state.pivotBegun) return { accepted: true, entries: [{ kind: 'cancel-requested', reason, ...next }] };
  const message = `a cancel was refused, its pivot has begun: ${reason}`;
  return { accepted: false, entries: [{ kind: 'alert-raised', message, ...next }] };
}

/** It is stored, and handed to each compensation. [R5] */
function requireReason(reason: unknown): void {
  if (typeof reason === 'string' && reason !== '' && reason.length <= LONGEST_REASON && isStorableText(reason)) return;
  throw new RangeError(
    `cancel(reason) takes a text of 1 to ${LONGEST_REASON} characters, without U+0000 and lone surrogates. Nothing was changed.`,
  );
}

const LONGEST_REASON = 1_000;

async function notYet(what: string): Promise<never> {
  throw new SagaUnsupportedError(`SagaHandle.${what} is not supported by this version yet. Nothing was changed.`);
}
