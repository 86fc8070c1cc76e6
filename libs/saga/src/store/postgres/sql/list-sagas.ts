import { asTime, journalColumn, rowColumns } from './columns.js';

/**
 * One page of sagas, newest first, from the position after which the page before ended.
 *
 * Index: saga_instance_started backwards, filtering as it goes, and saga_journal's primary key; saga_instance_name_key where name and key are given. A filter
 * that few pass has all sagas looked at: half a second for 1,100,000. Lock: none.
 * No index on the status: it would cost an index write at each change of it.
 */
export const listSagas = (schema: string): string => `
select ${rowColumns('saga')}, ${journalColumn(schema, 'saga.id')}
from ${schema}.saga_instance saga
where ($1::text is null or saga.name = $1)
  and ($2::text[] is null or saga.status = any($2))
  and ($3::text is null or saga.key = $3)
  and ($4::float8 is null or saga.started_at > ${asTime('$4::float8')})
  and ($5::float8 is null or saga.started_at < ${asTime('$5::float8')})
  and ($6::float8 is null or (saga.started_at, saga.id) < (${asTime('$6::float8')}, $7::uuid))
order by saga.started_at desc, saga.id desc
limit $8::int`;
