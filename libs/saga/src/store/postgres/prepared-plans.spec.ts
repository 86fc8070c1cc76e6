import { PreparedPlans } from './prepared-plans.js';

describe('PreparedPlans', () => {
  it('are old after 8 statements of a connection, and whenever there are twice as many', () => {
    const plans = new PreparedPlans();
    const connection = {};
    const renewals = Array.from({ length: 100 }, (_none, index) => ({ sent: index + 1, isOld: plans.areOld(connection) }));
    expect(renewals.filter(({ isOld }) => isOld).map(({ sent }) => sent)).toEqual([8, 16, 32, 64]);
  });

  it('each connection has plans of its own', () => {
    const plans = new PreparedPlans();
    const [first, second] = [{}, {}];
    for (let sent = 1; sent < 8; sent += 1) plans.areOld(first);
    expect([plans.areOld(second), plans.areOld(first)]).toEqual([false, true]);
  });
});
