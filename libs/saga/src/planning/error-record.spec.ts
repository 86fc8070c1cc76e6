import { StepRejected } from './step-errors.js';
import { errorRecordOf, refusalRecordOf } from './error-record.js';

describe('errorRecordOf', () => {
  it('keeps code and message of an error', () => {
    expect(errorRecordOf(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))).toEqual({
      code: 'ETIMEDOUT',
      message: 'no answer',
    });
  });

  it.each([null, undefined, 42, Object.create(null)])('has words for what is no error: %p', (thrown) => {
    expect(errorRecordOf(thrown)).toEqual({ message: 'Something that is not an Error was thrown.' });
  });

  it('R32: has words for errors that have none, or cannot be read', () => {
    const unreadable = Object.defineProperty(new RangeError(), 'message', {
      get() {
        throw new Error('unreadable');
      },
    });
    expect(errorRecordOf(unreadable)).toEqual({ message: 'RangeError without a message' });
    expect(errorRecordOf(new Error())).toEqual({ message: 'Error without a message' });
  });

  it('R5: leaves out what PostgreSQL cannot store, and what is too long', () => {
    expect(errorRecordOf(new Error('a\0b\ud800'))).toEqual({ message: 'ab\ufffd' });
    expect(errorRecordOf(new Error('x'.repeat(10_000))).message).toHaveLength(2_000);
  });
});

describe('refusalRecordOf', () => {
  it('keeps the details in stored form', () => {
    expect(refusalRecordOf(new StepRejected('LATE', 'too late', { at: new Date(0) }))).toEqual({
      code: 'LATE',
      message: 'too late',
      details: { at: { $date: '1970-01-01T00:00:00.000Z' } },
    });
  });

  it('R5: stays a refusal although its details do not survive storage', () => {
    const record = refusalRecordOf(new StepRejected('LATE', 'too late', { left: 5n }));
    expect(record).toMatchObject({ code: 'LATE', details: { leftOut: expect.stringContaining('left is a BigInt') } });
  });
});
