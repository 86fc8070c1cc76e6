import { verdictOf } from './verdict.js';

const decisions = { approved: 8, declined: 2, timedOut: 1, wrong: [] };
const GOOD = { balanced: true, underWayAtKill: 12, shippedOrders: true, accepted: 200, decisions };

describe('the verdict on a run in which every order ended', () => {
  it('is good where order-service was killed and the books balance', () => {
    expect(verdictOf(GOOD)).toEqual({ exitCode: 0, text: 'All 200 orders ended, and the books balance.' });
  });

  it('is bad where the books do not balance', () => {
    expect(verdictOf({ ...GOOD, balanced: false })).toEqual({ exitCode: 1, text: 'The books do not balance.' });
  });

  it('is bad where nothing was killed', () => {
    expect(verdictOf({ ...GOOD, underWayAtKill: 0 })).toEqual({
      exitCode: 1,
      text: 'All 200 orders ended, and the books balance; but order-service was not killed, so this run shows no recovery. Run it again.',
    });
  });

  it('is bad where a person said otherwise than what became of the order', () => {
    expect(verdictOf({ ...GOOD, decisions: { ...decisions, wrong: ['o-1', 'o-2'] } })).toEqual({
      exitCode: 1,
      text: 'Not decided as their lines say: o-1, o-2.',
    });
  });

  it('is bad where the shipped orders showed no order that was left lying', () => {
    const missing = { ...GOOD, decisions: { ...decisions, timedOut: 0 } };
    expect(verdictOf(missing)).toMatchObject({ exitCode: 1 });
    expect(verdictOf({ ...missing, shippedOrders: false })).toMatchObject({ exitCode: 0 });
  });

  it('is good where a file of somebody’s own gave no occasion to kill, and says so', () => {
    expect(verdictOf({ ...GOOD, underWayAtKill: 0, shippedOrders: false })).toEqual({
      exitCode: 0,
      text: 'All 200 orders ended, and the books balance. Nothing was killed.',
    });
  });
});
