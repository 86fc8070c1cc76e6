/** Index: the primary key. Lock: the node's row. */
export const removeNode = (schema: string): string => `delete from ${schema}.saga_node where id = $1`;
