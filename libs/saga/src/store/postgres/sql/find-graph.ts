/** The steps of a graph. Index: the primary key. Lock: none. */
export const findGraph = (schema: string): string => `
select steps::text as steps from ${schema}.saga_graph where hash = $1`;
