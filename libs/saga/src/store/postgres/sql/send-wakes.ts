/** A statement of its own, after the commit: NOTIFY inside a transaction makes the server commit such transactions one after another. */
export const sendWakes = (): string => `select pg_notify($1, payload) from unnest($2::text[]) as payload`;
