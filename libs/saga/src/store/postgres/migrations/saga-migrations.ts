import { CreateSagaTables } from './1763856000000-create-saga-tables.js';
import { CreateSagaGraph } from './1764201600000-create-saga-graph.js';
import { AddMessages } from './1764202200000-add-messages.js';
import { AddFamilies } from './1764205800000-add-families.js';
import { AddRetention } from './1764209400000-add-retention.js';
import { AddSessionLocks } from './1764213000000-add-session-locks.js';
import type { SchemaMigrationClass } from './schema-migration.js';

/** All migrations of the orchestrator's tables, for the `migrations` of a data source. */
export const sagaMigrations: SchemaMigrationClass[] = [
  CreateSagaTables,
  CreateSagaGraph,
  AddMessages,
  AddFamilies,
  AddRetention,
  AddSessionLocks,
];
