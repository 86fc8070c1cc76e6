import type { DataSource } from 'typeorm';

import type { ResolvedParticipantOptions } from '../participant-options.js';
import { createFence } from './create-fence.sql.js';
import { indexFence } from './index-fence.sql.js';
import { PostgresFence } from './postgres-fence.js';

/** Sees to the fence's table as `migrations` says. */
export async function openFence(dataSource: DataSource, { schema, migrations }: ResolvedParticipantOptions): Promise<PostgresFence> {
  const quoted = dataSource.driver.escape(schema);
  if (migrations === 'run') {
    await dataSource.transaction(async (manager) => {
      await manager.query(`select pg_advisory_xact_lock(hashtext('nestjs-sagas.participant'))`);
      await manager.query(`create schema if not exists ${quoted}`);
      const [found] = await manager.query<[{ table: string | null }]>('select to_regclass($1) as table', [`${quoted}.saga_fence`]);
      if (found.table !== null) return;
      await manager.query(createFence(quoted));
      await manager.query(indexFence(quoted));
    });
  }
  return new PostgresFence(dataSource, quoted);
}
