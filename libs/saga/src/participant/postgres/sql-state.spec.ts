import { isAboutPrepared, isCertainlyRolledBack, isLockTimeout, isTransactionGone } from './sql-state.js';

const answered = (code: string) => Object.assign(new Error('from the server'), { code, severity: 'ERROR' });
const wrapped = (code: string) => Object.assign(new Error('by TypeORM'), { driverError: answered(code) });

describe('what an SQLSTATE says', () => {
  it.each(['23505', '23514', 'P0001', '40001', '40P01', '25P02', '26000'])('R9: a COMMIT that fails with %s was rolled back', (code) => {
    expect(isCertainlyRolledBack(answered(code))).toBe(true);
    expect(isCertainlyRolledBack(wrapped(code))).toBe(true);
  });

  it.each(['57P01', '57P02', '08006', '40003', 'XX000', '53100'])('R9: a COMMIT that fails with %s may be durable', (code) => {
    expect(isCertainlyRolledBack(answered(code))).toBe(false);
  });

  it('R9: what the server did not answer says nothing', () => {
    expect(isCertainlyRolledBack(Object.assign(new Error('socket'), { code: '23505' }))).toBe(false);
    expect(isCertainlyRolledBack('23505')).toBe(false);
    expect(isCertainlyRolledBack(Object.assign(new Error(), { driverError: undefined }))).toBe(false);
  });

  it('tells a lock timeout, and a transaction that is gone', () => {
    expect(isLockTimeout(wrapped('55P03'))).toBe(true);
    expect(isTransactionGone(wrapped('25P01'))).toBe(true);
    expect(isTransactionGone(wrapped('3B001'))).toBe(true);
    expect(isTransactionGone(wrapped('25P02'))).toBe(false);
  });

  it('tells a session that is not the one that it was, or never was one’s own', () => {
    expect(isAboutPrepared(wrapped('26000'))).toBe(true);
    expect(isAboutPrepared(answered('42P05'))).toBe(true);
    expect(isAboutPrepared(answered('42P01'))).toBe(false);
  });
});
