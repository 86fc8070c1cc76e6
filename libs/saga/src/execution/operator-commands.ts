import { DEFAULTS } from '../planning/defaults.js';
import type { Definition } from '../planning/definition.js';
import { fold } from '../planning/fold.js';
import { JournalFault } from '../planning/journal-fault.js';
import { type Operation, operate, type OperatorRequest } from '../planning/operate.js';
import type { OperatorNote } from '../planning/operator-note.js';
import { encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';
import { SagaOperationError } from '../planning/saga-operation.error.js';
import type { SagaState } from '../planning/state.js';
import type { OutsideChange, SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import { SagaInputError } from './caller-errors.js';
import { emptiedText } from './emptied.js';
import type { Observer } from './observation.js';
import { noteOf } from './operator-notes.js';
import { progressOf } from './progress.js';
import type { SagaClock } from './saga-clock.js';
import type { SagaReader } from './saga-reader.js';

interface CommandParts {
  readonly store: SagaStore;
  readonly reader: SagaReader;
  readonly clock: SagaClock;
  readonly observe: Observer;
}

interface StepNote extends OperatorNote {
  readonly item?: number;
}

/** A saga, with what this process knows of its definition. */
interface KnownSaga {
  readonly row: SagaRow;
  readonly definition: Definition | undefined;
  readonly maxPayload: number;
  /** The name that a step has in the journal, by its name in the class. [R23] */
  readonly nameOf: (step: string) => string;
}

/** Commands of operators to one saga: each is decided on and written under the saga's row lock. [R16, R18] */
export class OperatorCommands {
  constructor(
    private readonly parts: CommandParts,
    /** @throws SagaNotFoundError */
    private readonly load: () => Promise<StoredSaga>,
  ) {}

  toSaga(kind: 'retry' | 'compensate' | 'pause' | 'resume', note: OperatorNote): Promise<void> {
    return this.carryOut(kind, note, (by) => ({ kind, by }));
  }

  skip(step: string, note: StepNote): Promise<void> {
    return this.carryOut('skip', note, (by, { nameOf }) => ({ kind: 'skip', step: nameOf(step), ...itemOf(note), by }));
  }

  resolve(step: string, note: StepNote & { readonly result?: unknown }): Promise<void> {
    return this.carryOut('resolve', note, (by, saga) => {
      const result = storedResult(saga, step, note.result);
      return { kind: 'resolve', step: saga.nameOf(step), ...itemOf(note), ...(result !== undefined && { result }), by };
    });
  }

  private async carryOut(
    command: OperatorRequest['kind'],
    note: OperatorNote,
    requestOf: (by: Readonly<OperatorNote>, saga: KnownSaga) => OperatorRequest,
  ): Promise<void> {
    const by = noteOf(command, note);
    const known = await this.know(await this.load());
    const request = requestOf(by, known);
    const { row, definition } = known;
    let operation: Operation | undefined;
    await this.parts.store.change(row.id, (saga) => {
      const { clock } = this.parts;
      operation = operate({ instance: row, state: readState(saga), definition }, request, clock.now());
      return operation.entries.length === 0 ? null : changeOf(saga.row, operation, { request, past: clock.past() });
    });
    for (const entry of operation?.entries ?? []) this.parts.observe({ kind: 'recorded', saga: row, entry });
  }

  private async know(saga: StoredSaga): Promise<KnownSaga> {
    readState(saga);
    const { row } = saga;
    const standing = await this.parts.reader.standingOf(saga);
    if (standing.kind !== 'known') return { row, definition: undefined, maxPayload: DEFAULTS.maxPayload, nameOf: (step) => step };
    const { registered, changedTo } = standing;
    return {
      row,
      // Its journal may not yet name what only the changed definition has.
      definition: changedTo === undefined ? registered.definition : undefined,
      maxPayload: registered.definition.maxPayload,
      nameOf: (step) => [...(registered.renamed ?? [])].find(([, today]) => today === step)?.[0] ?? step,
    };
  }
}

function readState({ row, journal }: StoredSaga): SagaState {
  const place = { saga: row.name, sagaId: row.id };
  if (row.emptied)
    throw new SagaOperationError(
      `${emptiedText(row)}. It takes no command any more: what is still to be done is a saga of its own. Nothing was changed.`,
      place,
    );
  try {
    return fold(journal);
  } catch (fault) {
    if (!(fault instanceof JournalFault)) throw fault;
    throw new SagaOperationError(
      `${row.name} ${row.id} is ${row.status}, and its ${fault.message}. No command can mend that: mend the journal first. Nothing was changed.`,
      { ...place, cause: fault },
    );
  }
}

/** [R5] */
function storedResult({ row, maxPayload }: KnownSaga, step: string, result: unknown): StoredValue | undefined {
  try {
    return encodePayload(result, maxPayload);
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    const { path, why } = fault;
    const at = path === '' || path.startsWith('[') ? `result${path}` : `result.${path}`;
    const place = { saga: row.name, sagaId: row.id, step };
    throw new SagaInputError(`${row.name}.${step} was not resolved: ${at} ${why}.`, [{ path, message: why }], place);
  }
}

/** The row says at once what the journal says. A saga whose start is delayed still waits for it, unless it is taken back. */
function changeOf(
  { status, wakeAt }: SagaRow,
  { entries, state }: Operation,
  { request, past }: { readonly request: OperatorRequest; readonly past: number },
): OutsideChange {
  const { wakeAt: _wakeAt, ...progress } = progressOf(state, null);
  // A pause wakes nobody: what is due meanwhile is looked at once, and put aside.
  const keepsItsTime = request.kind === 'pause' || (status === 'pending' && wakeAt !== null && request.kind !== 'compensate');
  return { entries, paused: state.paused, progress, wakeAt: keepsItsTime ? wakeAt : past };
}

const itemOf = ({ item }: StepNote): { readonly item?: number } => (item === undefined ? {} : { item });
