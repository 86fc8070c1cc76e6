/**
 * Removes nodes whose lease has run out, and names them, and every other owner that has no node.
 *
 * Index: saga_instance_owner. Lock: the rows of expired nodes; one whose heartbeat is under way is passed over. A removed node never
 * comes back: its next heartbeat finds no row.
 */
export const removeExpiredNodes = (schema: string): string => `
with expired as (
  select id from ${schema}.saga_node where lease_until <= clock_timestamp() for update skip locked
), removed as (
  delete from ${schema}.saga_node using expired where saga_node.id = expired.id returning saga_node.id
)
select id from removed
union
select saga.owner from ${schema}.saga_instance saga
where saga.owner is not null and not exists (select from ${schema}.saga_node node where node.id = saga.owner)`;
