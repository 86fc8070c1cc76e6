import { asTime } from './columns.js';
import { keyLock } from './key-lock.js';

/** What a group holds: a statement that plans and runs only what is in it. */
export interface GroupParts {
  readonly starts: boolean;
  /** Checkpoints whose writers know that they leave the row as it is. */
  readonly entries: boolean;
  /** Checkpoints that write the row, where it says something else. */
  readonly moves: boolean;
  /** Some of those post messages. */
  readonly mail: boolean;
}

/**
 * Starts and checkpoints of many sagas, durable with one commit. A row comes back for each that passed; whatever did not is written
 * alone, where its reason is found out.
 *
 * Nothing in it waits for another transaction: a saga's row that somebody holds is skipped, and so is a start whose key somebody is
 * about to take. The rows are locked first and written only where something in them changes: 2.7 KB of WAL a saga instead of 3.9.
 *
 * The owner is compared in a way that no index serves: by saga_instance_owner, which the planner prefers where its figures were taken in a
 * quiet moment, each saga of a group is looked for among all that its node owns, and with 1,000 in flight a saga costs the server 0.70 ms instead of 0.21.
 * And each is looked for by itself: for a join, a plan that was made while the table was small reads all of it, as long as the plan is kept. That is what
 * `lateral` is for, and the limit, which cuts nothing off: behind one that it does not know the planner expects few rows.
 *
 * Index: the primary keys, saga_instance_name_key. Lock: the sagas' rows, `for no key update skip locked`; of each start its
 * advisory lock, if it is free.
 */
export function writeGroup(schema: string, { starts, entries, moves, mail }: GroupParts): string {
  const next = numbered();
  const parts = [
    ...(entries ? [entriesOf(schema, next)] : []),
    ...(moves ? [movesOf(schema, next, mail)] : []),
    ...(starts ? [startsOf(schema, next)] : []),
  ];
  return `with ${parts.map(({ tables }) => tables).join(', ')}
${parts.map(({ passed }) => passed).join(' union all ')}`;
}

interface Part {
  readonly tables: string;
  readonly passed: string;
}

/**
 * Gives the next parameter each time it is asked, as an array of the type. In a subquery, so that the planner cannot see how short the arrays are: a plan for
 * one saga looks cheaper to it than the plan for any number, and it would plan each time, which costs one saga more than to be written.
 */
type NextParameter = (type: string) => string;

function numbered(): NextParameter {
  let number = 0;
  return (type) => `(select $${(number += 1)}::${type}[])`;
}

/** The arrays are those of `fencedEntryColumns`. */
function entriesOf(schema: string, next: NextParameter): Part {
  const given = ['uuid', 'text', 'int', 'int', 'int', 'float8', 'text'].map(next).join(', ');
  return {
    tables: `entered as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
  select given.id, given.sequence, given.epoch, ${asTime('given.at')}, given.entries::json
  from unnest(${given}) as given (id, owner, epoch, revision, sequence, at, entries) cross join ${fencedSaga(schema, '')}
  returning saga_id
)`,
    passed: `select saga_id::text as id, false as due from entered`,
  };
}

const fencedSaga = (schema: string, columns: string): string => `lateral (
    select ${columns} from ${schema}.saga_instance
    where id = given.id and owner is not distinct from given.owner and epoch = given.epoch and revision = given.revision
    for no key update skip locked
  ) as saga`;

/** The arrays are those of `moveColumns`, and those of `mailColumns` where there is mail. */
function movesOf(schema: string, next: NextParameter, mail: boolean): Part {
  const given = ['uuid', 'text', 'int', 'int', 'text', 'text', 'boolean', 'float8', 'float8', 'boolean'].map(next).join(', ');
  return {
    tables: `fenced as materialized (
  select given.*,
    given.release or (saga.status, saga.failure::text, saga.pivot_begun, saga.wake_at, saga.ended_at)
      is distinct from (given.status, given.failure, given.pivot_begun, ${asTime('given.wake_at')}, ${asTime('given.ended_at')}) as moves
  from unnest(${given}) as given (id, owner, epoch, revision, status, failure, pivot_begun, wake_at, ended_at, release)
  cross join ${fencedSaga(schema, 'status, failure, pivot_begun, wake_at, ended_at')}
), written as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
  select line.saga_id, line.sequence, fenced.epoch, ${asTime('line.at')}, line.entries::json
  from ${entriesFrom(next)} join fenced on fenced.id = line.saga_id
), ${mail ? postedIn(schema, next) : ''}moved as (
  update ${schema}.saga_instance as saga
  set status = fenced.status, failure = fenced.failure::json, pivot_begun = fenced.pivot_begun, wake_at = ${asTime('fenced.wake_at')},
      ended_at = ${asTime('fenced.ended_at')}, owner = case when fenced.release then null else saga.owner end
  from (select * from fenced where moves limit (select count(*) from fenced)) as fenced where saga.id = fenced.id
)`,
    passed: `select id::text, coalesce(release and ${asTime('wake_at')} <= clock_timestamp(), false) as due from fenced`,
  };
}

function postedIn(schema: string, next: NextParameter): string {
  const mail = ['uuid', 'uuid', 'uuid', 'text', 'text', 'text'].map(next).join(', ');
  return `posted as (
  insert into ${schema}.saga_mailbox (id, saga_id, channel, message, payload)
  select mail.id, mail.saga_id, mail.channel, mail.message, mail.payload::json
  from unnest(${mail}) as mail (sender_id, id, saga_id, channel, message, payload) join fenced on fenced.id = mail.sender_id
), `;
}

/** The arrays are those of `startColumns`. */
function startsOf(schema: string, next: NextParameter): Part {
  const types = ['uuid', 'text', 'int', 'text', 'text', 'text', 'text', 'boolean', 'text', 'int', 'float8', 'float8', 'float8', 'float8'];
  const born = [...types, 'text', 'text', 'text', 'uuid', 'text', 'int'].map(next).join(', ');
  return {
    tables: `created as (
  insert into ${schema}.saga_instance
    (id, name, version, hash, key, input_hash, status, pivot_begun, owner, epoch,
     wake_at, started_at, deadline_at, ended_at, input, metadata, failure, parent_id, parent_step, parent_item)
  select id, name, version, hash, key, input_hash, status, pivot_begun, owner, epoch,
    ${asTime('wake_at')}, ${asTime('started_at')}, ${asTime('deadline_at')}, ${asTime('ended_at')}, input::json, metadata::json, failure::json,
    parent_id, parent_step, parent_item
  from unnest(${born}) as born (id, name, version, hash, key, input_hash, status, pivot_begun, owner, epoch,
    wake_at, started_at, deadline_at, ended_at, input, metadata, failure, parent_id, parent_step, parent_item)
  where pg_try_advisory_xact_lock(${keyLock(schema, { id: 'id', name: 'name', key: 'key' })})
  on conflict do nothing
  returning id, owner, epoch, wake_at
), begun as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
  select created.id, line.sequence, created.epoch, ${asTime('line.at')}, line.entries::json
  from ${entriesFrom(next)} join created on created.id = line.saga_id
)`,
    passed: `select id::text, coalesce(owner is null and wake_at <= clock_timestamp(), false) as due from created`,
  };
}

const entriesFrom = (next: NextParameter): string =>
  `unnest(${['uuid', 'int', 'float8', 'text'].map(next).join(', ')}) as line (saga_id, sequence, at, entries)`;
