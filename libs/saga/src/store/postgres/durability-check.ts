import { SagaStoreError } from '../store-errors.js';
import type { Row } from './connection.js';
import { LOCK_TIMEOUT_MS } from './own-data-source.js';

export interface DatabaseSettings {
  readonly fsync: string;
  readonly synchronousCommit: string;
  /** Our sessions wait for locks as long as they should: false behind a pooler that drops what a session asks for. */
  readonly lockWaitIsBounded: boolean;
}

/** The oldest that has `pg_xact_status` and `pg_current_xact_id`. */
const OLDEST_VERSION = 130_000;

/** @throws SagaStoreError where PostgreSQL is too old */
export function readDatabaseSettings(row: Row | undefined): DatabaseSettings {
  const version = Number(row?.['version']);
  if (version < OLDEST_VERSION)
    throw new SagaStoreError(`PostgreSQL ${Math.floor(version / 10_000)} is too old; sagas need ${OLDEST_VERSION / 10_000} or later.`);
  return {
    fsync: String(row?.['fsync']),
    synchronousCommit: String(row?.['synchronous_commit']),
    lockWaitIsBounded: row?.['lock_timeout'] === `${LOCK_TIMEOUT_MS}ms`,
  };
}

/** What the guarantees presume and the database does not give: that it keeps what it committed. [R20] */
export function durabilityWarnings({ fsync, synchronousCommit }: DatabaseSettings): string[] {
  const warnings: string[] = [];
  if (fsync !== 'on')
    warnings.push(
      `fsync is ${fsync}: when the database's machine stops, committed sagas can be lost or broken. Turn it on, unless this is a test.`,
    );
  if (synchronousCommit === 'off')
    warnings.push(
      'synchronous_commit is off: when the database stops, the last commits are lost, and steps run again that were done. Turn it on, unless this is a test.',
    );
  return warnings;
}
