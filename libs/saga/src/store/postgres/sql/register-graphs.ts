/**
 * Graphs that are not there yet. Index: the primary key. Lock: none but that of a new hash until it is written; in order, because
 * nodes that boot side by side register the same ones, and would wait for each other.
 */
export const registerGraphs = (schema: string): string => `
insert into ${schema}.saga_graph (hash, steps)
select hash, steps::json from unnest($1::text[], $2::text[]) as graph (hash, steps) order by hash
on conflict (hash) do nothing`;
