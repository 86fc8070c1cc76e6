import type { DataSource } from 'typeorm';

import { runMigrations } from '../../store/postgres/migrations/run-migrations.js';
import { quoteName } from '../../store/postgres/quote.js';
import type { ResolvedParticipantOptions } from '../participant-options.js';
import { PostgresFence } from './postgres-fence.js';
import { sagaParticipantMigrations } from './saga-participant-schema.js';

/**
 * Sees to the fence's table as `migrations` says.
 *
 * @throws SagaStoreError where it is missing and may not be made
 */
export async function openFence(dataSource: DataSource, { schema, migrations }: ResolvedParticipantOptions): Promise<PostgresFence> {
  await runMigrations(dataSource, sagaParticipantMigrations, { schema, mode: migrations });
  return new PostgresFence(dataSource, quoteName(schema));
}
