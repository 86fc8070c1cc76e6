import type { SagaStore } from '../saga-store.js';
import { PostgresSagaStore, type PostgresSagaStoreOptions } from './postgres-saga-store.js';

/**
 * The way into PostgreSQL: the wiring imports this file when it needs it, so that memory mode never loads TypeORM.
 *
 * @throws SagaStoreError where the data source is no PostgreSQL
 */
export const createPostgresSagaStore = (options: PostgresSagaStoreOptions): SagaStore => new PostgresSagaStore(options);
