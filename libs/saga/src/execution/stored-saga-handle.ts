import type { SagaRegistry } from '../definition/saga-registry.js';
import type { Signal } from '../definition/signal.js';
import type { StepName, StepResults } from '../definition/step-types.js';
import { type Duration, parseDuration } from '../planning/durations.js';
import { readableFailure, type SagaFailure } from '../planning/failure.js';
import type { OperatorNote } from '../planning/operator-note.js';
import type { SagaStatus } from '../planning/saga-status.js';
import type { SagaView } from '../planning/view.js';
import type { SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import { SagaCompensatedError, SagaResultTimeoutError, SagaStuckError } from './caller-errors.js';
import { type Cancellation, cancellationOf, requireReason } from './cancellation.js';
import type { SeenEnd } from './end-watch.js';
import type { MailCarrier } from './mail-carrier.js';
import type { Observer } from './observation.js';
import { OperatorCommands } from './operator-commands.js';
import type { SagaClock } from './saga-clock.js';
import type { JournalEntry, SagaHandle } from './saga-handle.js';
import { resultsOf, type SagaReader } from './saga-reader.js';
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
  readonly endSeen: (sagaId: string, withinMs: number) => Promise<SeenEnd | undefined>;
  /** It is in the memory of this process. */
  readonly runsHere: (sagaId: string) => boolean;
}

interface End {
  readonly saga: string;
  readonly status: SagaStatus;
  readonly failure: SagaFailure | null;
  readonly results: () => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
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
      const leftMs = (): number => until - performance.now();
      // While it runs here its end is seen here, and asking for it would only cost the database.
      const runsHere = this.parts.runsHere(this.id);
      const seen = runsHere ? await this.parts.endSeen(this.id, leftMs()) : undefined;
      const { saga, status, failure, results } = seen === undefined ? await this.storedEnd() : this.seenEnd(seen);
      const place = { saga, sagaId: this.id };
      if (status === 'completed') return (await results()) as StepResults<S>;
      if (failure && status === 'compensated') throw new SagaCompensatedError(readableFailure(failure), place);
      if (failure && status === 'stuck') throw new SagaStuckError(readableFailure(failure), place);
      if (leftMs() <= 0)
        throw new SagaResultTimeoutError(
          `${place.saga} ${this.id} has not ended within ${typeof timeout === 'number' ? `${timeout}ms` : timeout}; it is ${status} and goes on.`,
          place,
        );
      if (!runsHere) await this.parts.endSeen(this.id, Math.min(lookMs, leftMs()));
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
        : { entries: outcome.entries, wakeAt: outcome.accepted ? this.parts.clock.past() : saga.row.wakeAt };
    });
    for (const entry of outcome.entries) this.parts.observe({ kind: 'recorded', saga: row, entry });
    return { accepted: outcome.accepted };
  }

  async signal<P = unknown>(signal: string | Signal<P>, payload?: P, options: SignalOptions = {}): Promise<void> {
    await this.parts.ready();
    await sendSignal(this.parts, { sagaId: this.id, signal, payload, options });
  }

  retry(by: OperatorNote): Promise<void> {
    return this.commands.toSaga('retry', by);
  }

  skip(step: StepName<S>, by: OperatorNote & { item?: number }): Promise<void> {
    return this.commands.skip(step, by);
  }

  resolve(step: StepName<S>, by: OperatorNote & { item?: number; result?: unknown }): Promise<void> {
    return this.commands.resolve(step, by);
  }

  compensate(by: OperatorNote): Promise<void> {
    return this.commands.toSaga('compensate', by);
  }

  pause(by: OperatorNote): Promise<void> {
    return this.commands.toSaga('pause', by);
  }

  resume(by: OperatorNote): Promise<void> {
    return this.commands.toSaga('resume', by);
  }

  private async storedEnd(): Promise<End> {
    const row = await this.find();
    this.parts.reader.requireKept(row);
    const { name, status, failure } = row;
    return { saga: name, status, failure, results: async () => this.parts.reader.results(await this.load()) };
  }

  private seenEnd({ saga, registered, state }: SeenEnd): End {
    const { status, failure } = state;
    return { saga: saga.name, status, failure, results: () => resultsOf(registered, state) };
  }

  private get commands(): OperatorCommands {
    return new OperatorCommands(this.parts, async () => this.load());
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
