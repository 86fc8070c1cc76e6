// What needs TypeORM to be loaded: entities and migrations, for the data source of an application. Never reached from index.ts.
export { SagaGraphEntity } from './store/postgres/entities/saga-graph.entity.js';
export { SagaInstanceEntity } from './store/postgres/entities/saga-instance.entity.js';
export { SagaJournalEntity, type SagaJournalBody } from './store/postgres/entities/saga-journal.entity.js';
export { SagaMailboxEntity } from './store/postgres/entities/saga-mailbox.entity.js';
export { SagaNodeEntity } from './store/postgres/entities/saga-node.entity.js';
export { sagaEntities } from './store/postgres/entities/saga-entities.js';
export { AddFamilies } from './store/postgres/migrations/1764205800000-add-families.js';
export { AddMessages } from './store/postgres/migrations/1764202200000-add-messages.js';
export { AddRetention } from './store/postgres/migrations/1764209400000-add-retention.js';
export { AddSessionLocks } from './store/postgres/migrations/1764213000000-add-session-locks.js';
export { CreateSagaTables } from './store/postgres/migrations/1763856000000-create-saga-tables.js';
export { CreateSagaGraph } from './store/postgres/migrations/1764201600000-create-saga-graph.js';
export { sagaMigrations } from './store/postgres/migrations/saga-migrations.js';
export { SchemaMigration, type MigrationTarget, type SchemaMigrationClass } from './store/postgres/migrations/schema-migration.js';
export { CreateSagaFence } from './participant/postgres/migrations/1763856000001-create-saga-fence.js';
export { SagaFenceEntity } from './participant/postgres/saga-fence.entity.js';
export { sagaParticipantEntities, sagaParticipantMigrations } from './participant/postgres/saga-participant-schema.js';
