/** A new epoch for a saga that the node owns already. Index: the primary keys, never saga_instance_owner. Lock: the row. */
export const reclaimSaga = (schema: string): string => `
update ${schema}.saga_instance as saga set epoch = epoch + 1
where saga.id = $2::uuid and saga.owner is not distinct from $1
  and exists (select from ${schema}.saga_node node where node.id = $1 and node.lease_until > clock_timestamp())
returning saga.id::text as id`;
