import { SagaStoreError } from '../store-errors.js';

export const noTransactions = (what: string, sagaId?: string): SagaStoreError =>
  new SagaStoreError(`store: 'memory' has no transactions that a ${what} could join. Leave manager out, or use PostgreSQL.`, { sagaId });
