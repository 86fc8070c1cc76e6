/** Index: saga_instance_owner. Lock: none. */
export const countOwned = (schema: string): string => `select count(*)::int as count from ${schema}.saga_instance where owner = $1`;
