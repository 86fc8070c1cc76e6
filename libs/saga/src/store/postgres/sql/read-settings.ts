/** What the guarantees rest on. Lock: none. */
export const readSettings = (): string => `
select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
  current_setting('lock_timeout') as lock_timeout, current_setting('server_version_num')::int as version`;
