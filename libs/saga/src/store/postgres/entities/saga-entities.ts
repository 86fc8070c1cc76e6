import { SagaGraphEntity } from './saga-graph.entity.js';
import { SagaInstanceEntity } from './saga-instance.entity.js';
import { SagaJournalEntity } from './saga-journal.entity.js';
import { SagaMailboxEntity } from './saga-mailbox.entity.js';
import { SagaNodeEntity } from './saga-node.entity.js';

/** The orchestrator's tables in the default schema, for the `entities` of a data source; `synchronize` leaves them alone. */
export const sagaEntities: (new () => object)[] = [
  SagaInstanceEntity,
  SagaJournalEntity,
  SagaMailboxEntity,
  SagaNodeEntity,
  SagaGraphEntity,
];
