/** A time as milliseconds since the epoch. float8, because every `pg` gives that as a number. */
export const asMs = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/** Milliseconds since the epoch as a time. */
export const asTime = (ms: string): string => `to_timestamp(${ms} / 1000)`;

/** A saga's row as `readRow` expects it. JSON as text: an application may have told `pg` to parse it in its own way. */
export const rowColumns = (saga: string): string => `
  ${saga}.id::text as id, ${saga}.name, ${saga}.version, ${saga}.hash, ${saga}.key, ${saga}.input_hash,
  ${saga}.status, ${saga}.paused, ${saga}.pivot_begun, ${saga}.owner, ${saga}.epoch, ${saga}.revision,
  ${asMs(`${saga}.wake_at`)} as wake_at, ${asMs(`${saga}.started_at`)} as started_at,
  ${asMs(`${saga}.deadline_at`)} as deadline_at, ${asMs(`${saga}.ended_at`)} as ended_at, ${saga}.emptied,
  ${saga}.parent_id::text as parent_id, ${saga}.parent_step, ${saga}.parent_item,
  ${saga}.input::text as input, ${saga}.metadata::text as metadata, ${saga}.failure::text as failure`;

/** A saga's journal as `readJournal` expects it, in order. `json_agg` keeps the text of the entries as it is. Index: saga_journal's primary key. */
export const journalColumn = (schema: string, sagaId: string): string => `
  (select coalesce(json_agg(json_build_array(line.sequence, ${asMs('line.at')}, line.entries) order by line.sequence), '[]')::text
   from ${schema}.saga_journal line where line.saga_id = ${sagaId}) as journal`;
