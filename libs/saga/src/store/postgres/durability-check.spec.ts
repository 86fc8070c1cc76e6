import { durabilityWarnings, readDatabaseSettings } from './durability-check.js';

const ROW = { fsync: 'on', synchronous_commit: 'on', lock_timeout: '200ms', version: 160_002 };

describe('R20: what the guarantees presume of the database', () => {
  it.each(['on', 'local', 'remote_write', 'remote_apply'])('is there with synchronous_commit %s', (synchronousCommit) => {
    expect(durabilityWarnings(readDatabaseSettings({ ...ROW, synchronous_commit: synchronousCommit }))).toEqual([]);
  });

  it('is missed in words where commits can be lost', () => {
    const warnings = durabilityWarnings(readDatabaseSettings({ ...ROW, fsync: 'off', synchronous_commit: 'off' }));
    expect(warnings).toEqual([expect.stringMatching(/^fsync is off: /), expect.stringMatching(/^synchronous_commit is off: /)]);
  });

  it('names the oldest version that it needs', () => {
    expect(() => readDatabaseSettings({ ...ROW, version: 120_010 })).toThrow('PostgreSQL 12 is too old; sagas need 13 or later.');
  });

  it('sees where a session does not keep what it asked for', () => {
    expect(readDatabaseSettings({ ...ROW, lock_timeout: '0' }).lockWaitIsBounded).toBe(false);
  });
});
