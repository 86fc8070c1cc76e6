/** Sagas that are due and that nobody takes, by definition. Index: saga_instance_due. Lock: none. */
export const listOverdue = (schema: string): string => `
select name, version, count(*)::int as count from ${schema}.saga_instance
where owner is null and wake_at <= (select clock_timestamp()) - $1::float8 * interval '1 millisecond'
group by name, version
order by name, version`;
