import type { SchemaMigrationClass } from '../../store/postgres/migrations/schema-migration.js';
import { CreateSagaFence } from './migrations/1763856000001-create-saga-fence.js';
import { DeferReplies } from './migrations/1764216600001-defer-replies.js';
import { RememberFailedAttempts } from './migrations/1764302400001-remember-failed-attempts.js';
import { SagaFenceEntity } from './saga-fence.entity.js';

/** All migrations of a participant's tables, for the `migrations` of a data source. */
export const sagaParticipantMigrations: SchemaMigrationClass[] = [CreateSagaFence, DeferReplies, RememberFailedAttempts];

/** A participant's tables in the default schema, for the `entities` of a data source; `synchronize` leaves them alone. */
export const sagaParticipantEntities: (new () => object)[] = [SagaFenceEntity];
