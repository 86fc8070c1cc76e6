import type { NewSaga, StartResult } from '../saga-store.js';
import { SagaStoreError } from '../store-errors.js';
import type { Query } from './connection.js';
import { findSagaByKey } from './sql/find-saga-by-key.js';
import { findSaga } from './sql/find-saga.js';
import { insertSaga } from './sql/insert-saga.js';
import { newSagaParameters, readRow } from './stored-rows.js';

export interface Started {
  readonly result: StartResult;
  /** Nobody's and due: somebody is to be woken. */
  readonly due: boolean;
}

/** A saga that held the key can be gone by the time it is looked for; so often in a row is no chance. */
const TRIES = 5;

/** Records new sagas, through one connection or another. */
export class SagaStarts {
  private readonly insertStatement: string;
  private readonly findStatement: string;
  private readonly findByKeyStatement: string;

  constructor(schema: string) {
    this.insertStatement = insertSaga(schema);
    this.findStatement = findSaga(schema);
    this.findByKeyStatement = findSagaByKey(schema);
  }

  /** @param write commits by itself, or belongs to a transaction of the caller */
  async start(saga: NewSaga, write: Query, read: Query): Promise<Started> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const [created] = await write(this.insertStatement, newSagaParameters(saga));
      if (created !== undefined) return { result: { kind: 'created' }, due: created['due'] === true };
      const found = await this.findSame(saga, read);
      if (found !== undefined) return { result: found, due: false };
    }
    throw new SagaStoreError(`Saga ${saga.instance.name} was neither new nor found ${TRIES} times in a row.`, {
      saga: saga.instance.name,
      sagaId: saga.instance.id,
    });
  }

  private async findSame(
    { instance: { id, name, key } }: NewSaga,
    read: Query,
  ): Promise<Extract<StartResult, { kind: 'found' }> | undefined> {
    const [byKey] = key === null ? [] : await read(this.findByKeyStatement, [name, key]);
    const [row] = byKey === undefined ? await read(this.findStatement, [id]) : [byKey];
    if (row === undefined) return undefined;
    const { id: foundId, inputHash } = readRow(row);
    return { kind: 'found', id: foundId, inputHash };
  }
}
