import { Places } from './places.js';
import type { SagaRun } from './saga-run.js';

const run = (id: string): SagaRun => ({ id, isQuiet: true }) as SagaRun;

function places(limit: number, ...ids: readonly string[]): Places {
  const made = new Places(limit);
  for (const id of ids) made.enter(run(id));
  return made;
}

describe('Places', () => {
  it('R34: a saga that is about to be born has its place already, and frees it where it is not born', () => {
    const two = places(2, 'a');
    two.hold('b');
    expect([two.free, two.size, two.isEmpty, two.isQuiet]).toEqual([0, 1, false, false]);
    two.unhold('b');
    expect([two.free, two.isQuiet]).toEqual([1, true]);
    two.hold('c');
    two.enter(run('c'));
    two.unhold('c');
    expect([two.free, two.size]).toEqual([0, 2]);
  });

  it('R34: what was given back frees its place; what was given up keeps it, until a heartbeat says that it is not owned', () => {
    const [a, b] = [run('a'), run('b')];
    const two = places(2);
    for (const each of [a, b]) two.enter(each);
    two.leave(a, 'given-back');
    two.leave(b, 'given-up');
    expect([two.size, two.free, two.hasOneFor('b'), two.hasOneFor('c')]).toEqual([0, 1, true, true]);
    two.hold('c');
    expect([two.free, two.hasOneFor('b'), two.hasOneFor('d')]).toEqual([0, true, false]);
    expect(two.missed([])).toEqual([]);
    expect(two.free).toBe(1);
  });

  it('R19: what is owned and not in memory is lost when it is missing twice, and told of again only where it stayed away', () => {
    const three = places(3, 'a');
    three.hold('arriving');
    expect(three.missed(['x', 'arriving'])).toEqual([]);
    // It may have ended while the heartbeat was answered.
    expect([three.free, three.hasOneFor('y')]).toEqual([1, true]);
    expect(three.missed(['x'])).toEqual(['x']);
    expect([three.free, three.hasOneFor('y')]).toEqual([0, false]);
    expect(three.missed(['x'])).toEqual([]);
    three.stayedAway('x');
    expect(three.missed(['x'])).toEqual(['x']);
    three.enter(run('x'));
    three.stayedAway('x');
    three.unhold('arriving');
    expect([three.free, three.missed([])]).toEqual([1, []]);
  });

  it('R34: a node that owns more than it has places for takes up no more than it has', () => {
    const one = places(1, 'a');
    one.missed(['x', 'y']);
    expect(one.missed(['x', 'y'])).toEqual(['x', 'y']);
    expect([one.free, one.hasOneFor('x')]).toEqual([0, false]);
    one.leave(one.runs[0] ?? run(''), 'given-back');
    expect([one.free, one.hasOneFor('x'), one.hasOneFor('new')]).toEqual([0, true, false]);
    one.forgetLost();
    expect(one.free).toBe(1);
  });

  it('the run that came after another of the same saga stays when that one leaves', () => {
    const [older, newer] = [run('a'), run('a')];
    const two = places(2);
    for (const each of [older, newer]) two.enter(each);
    two.leave(older, 'given-up');
    expect(two.run('a')).toBe(newer);
  });
});
