import { refusedByPooler } from './undeclared-pooler.js';

describe('a connection that a pooler refused', () => {
  it.each(['unsupported startup parameter: options', 'unsupported startup parameter in options: lock_timeout'])(
    'is known by what PgBouncer says, whatever its version: %s',
    (message) => {
      expect(refusedByPooler(new Error(message))?.message).toBe(
        `The database refused the library's own connections: ${message}. If a transaction pooler (PgBouncer) stands between, ` +
          'set SagaModule.forRoot({ pooled: true }). Otherwise connect to PostgreSQL itself.',
      );
    },
  );

  it('is not what fails for another reason', () => {
    expect(refusedByPooler(new Error('connect ECONNREFUSED 127.0.0.1:5432'))).toBeUndefined();
  });
});
