/**
 * Whether a saga ended longer ago than the milliseconds of a parameter, and is at rest. One that is owned or due has ended too, but somebody
 * is about to take it back, or to find out that there is nothing to do.
 */
export const endedFor = (
  saga: string,
  ms: string,
): string => `${saga}.status in ('completed', 'compensated') and ${saga}.owner is null and ${saga}.wake_at is null
    and ${saga}.ended_at <= ${agoIn(ms)}`;

/** The clock is asked in a subquery, once: asked for each row it could not bound the walk through an index. */
export const agoIn = (ms: string): string => `(select clock_timestamp()) - ${ms} * interval '1 millisecond'`;
