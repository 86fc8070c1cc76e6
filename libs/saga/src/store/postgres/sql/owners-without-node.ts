/** Owners of sagas that have no node: it was removed, and what it owned was not freed to the end, or was born after that. Index: saga_instance_owner, from end to end: it holds what is owned, and nothing that waits or has ended. */
export const ownersWithoutNode = (schema: string): string => `
select saga.owner from ${schema}.saga_instance saga
where saga.owner is not null and not exists (select from ${schema}.saga_node node where node.id = saga.owner)`;
