/** A node appears; sent twice, because the first answer was lost, it says the same. Index: the primary key. Lock: its row. */
export const registerNode = (schema: string): string => `
insert into ${schema}.saga_node (id, lease_until)
values ($1, clock_timestamp() + $2::float8 * interval '1 millisecond')
on conflict (id) do update set lease_until = excluded.lease_until`;
