import { ALONE_AT_MOST_MS, BETWEEN_TURNS_MS, EMPTIED_WITHIN_MS, HELD_AT_MOST_MS, Lane, type LaneRun } from './lane.js';

// In ES modules jest hands itself over here.
const { jest } = import.meta as unknown as { readonly jest: typeof globalThis.jest };

const WANTS = { wantsAlone: true, isAlone: false };
const RUNS_ALONE = { wantsAlone: false, isAlone: true };
const NOTHING = { wantsAlone: false, isAlone: false };

/** A node with runs that do nothing by themselves, and what was said to whom. */
function laneOf({ isQuiet = true } = {}) {
  const node = { isQuiet };
  const told: string[] = [];
  const lane = new Lane({ isQuiet: () => node.isQuiet, lookAgain: () => told.push('all') });
  const run = (name: string): LaneRun => ({ lookAgain: () => told.push(name) });
  return { lane, node, told, run, poison: run('poison'), other: run('other') };
}

describe('Lane', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('R21: holds everyone back from when somebody wants to be alone, and lets that one begin when the node is empty', () => {
    const { lane, node, told, poison, other } = laneOf({ isQuiet: false });
    lane.turnTaken(poison, WANTS);
    expect([lane.isHeld, lane.holdsBack(other), lane.holdsBack(poison), lane.isFor(poison)]).toEqual([true, true, true, false]);
    lane.turnTaken(other, NOTHING);
    expect(lane.isFor(poison)).toBe(false);
    node.isQuiet = true;
    lane.turnTaken(other, NOTHING);
    expect([lane.isFor(poison), lane.holdsBack(poison), lane.holdsBack(other), told]).toEqual([true, false, true, ['poison']]);
  });

  it('R21: while it runs nobody begins, its own siblings neither; when it has ended all go on', () => {
    const { lane, told, poison, other } = laneOf();
    lane.turnTaken(poison, WANTS);
    lane.turnTaken(poison, RUNS_ALONE);
    expect([lane.holdsBack(other), lane.holdsBack(poison), lane.isFor(poison)]).toEqual([true, true, false]);
    lane.turnTaken(poison, NOTHING);
    expect([lane.isHeld, told]).toEqual([false, ['poison', 'all']]);
  });

  it('R21: one after the other, in the order of asking, and between two the rest of the node goes on', () => {
    const { lane, told, run } = laneOf();
    const [first, second, third] = [run('first'), run('second'), run('third')];
    for (const one of [first, second, third]) lane.turnTaken(one, WANTS);
    lane.turnTaken(first, RUNS_ALONE);
    lane.turnTaken(second, WANTS);
    expect(lane.isFor(second)).toBe(false);
    lane.turnTaken(first, NOTHING);
    expect(lane.isHeld).toBe(false);
    jest.advanceTimersByTime(BETWEEN_TURNS_MS);
    expect([lane.isFor(second), lane.isFor(third), told]).toEqual([true, false, ['first', 'all', 'second']]);
  });

  it('R21: the others have as long as it had the lane, so that many short ones are soon through', () => {
    const { lane, poison, other } = laneOf();
    for (const one of [poison, other]) lane.turnTaken(one, WANTS);
    lane.turnTaken(poison, RUNS_ALONE);
    jest.advanceTimersByTime(3);
    lane.turnTaken(poison, NOTHING);
    jest.advanceTimersByTime(2);
    expect(lane.isHeld).toBe(false);
    jest.advanceTimersByTime(1);
    expect(lane.isFor(other)).toBe(true);
  });

  it('R21: who asks again and again waits at the end of the line', () => {
    const { lane, poison, other } = laneOf();
    lane.turnTaken(poison, WANTS);
    lane.turnTaken(other, WANTS);
    lane.turnTaken(poison, RUNS_ALONE);
    lane.turnTaken(poison, WANTS);
    jest.advanceTimersByTime(BETWEEN_TURNS_MS);
    expect(lane.isFor(other)).toBe(true);
  });

  it('R32: a node that does not get empty is not waited for longer than a bound', () => {
    const { lane, poison } = laneOf({ isQuiet: false });
    lane.turnTaken(poison, WANTS);
    jest.advanceTimersByTime(EMPTIED_WITHIN_MS - 1);
    expect(lane.isFor(poison)).toBe(false);
    jest.advanceTimersByTime(1);
    expect(lane.isFor(poison)).toBe(true);
  });

  it('R32: a lane that is held for long lets the others go on beside it; who wants to be alone waits longer, and not for ever', () => {
    const { lane, told, poison, other } = laneOf();
    lane.turnTaken(poison, WANTS);
    lane.turnTaken(poison, RUNS_ALONE);
    jest.advanceTimersByTime(HELD_AT_MOST_MS - 1);
    expect(lane.holdsBack(other)).toBe(true);
    jest.advanceTimersByTime(1);
    expect([lane.isHeld, lane.holdsBack(other), told]).toEqual([false, false, ['poison', 'all']]);

    lane.turnTaken(other, WANTS);
    expect(lane.isFor(other)).toBe(false);
    jest.advanceTimersByTime(ALONE_AT_MOST_MS - HELD_AT_MOST_MS + BETWEEN_TURNS_MS);
    expect(lane.isFor(other)).toBe(true);
  });

  it('R32: a run that was offered the lane, and does not come back, holds nobody for ever', () => {
    const { lane, poison, other } = laneOf();
    lane.turnTaken(poison, WANTS);
    jest.advanceTimersByTime(HELD_AT_MOST_MS);
    expect([lane.isFor(poison), lane.holdsBack(other)]).toEqual([false, false]);
    lane.turnTaken(poison, WANTS);
    jest.advanceTimersByTime(BETWEEN_TURNS_MS);
    expect(lane.isFor(poison)).toBe(true);
  });

  it.each(['waits', 'has the lane', 'runs alone'] as const)('R21: a run that is over while it %s frees it', (state) => {
    const { lane, poison, other } = laneOf({ isQuiet: state !== 'waits' });
    lane.turnTaken(poison, WANTS);
    if (state === 'runs alone') lane.turnTaken(poison, RUNS_ALONE);
    lane.leave(poison);
    expect([lane.isHeld, lane.holdsBack(other), lane.isFor(poison)]).toEqual([false, false, false]);
    jest.advanceTimersByTime(ALONE_AT_MOST_MS);
    expect([lane.isHeld, jest.getTimerCount()]).toEqual([false, 0]);
  });

  it.each([true, false])('R21: who has nothing to begin any more frees it, offered (%s) or not', (isQuiet) => {
    const { lane, poison } = laneOf({ isQuiet });
    lane.turnTaken(poison, WANTS);
    lane.turnTaken(poison, NOTHING);
    expect(lane.isHeld).toBe(false);
  });

  it('R21: who does not want any more, and was not first, is passed over', () => {
    const { lane, poison, other } = laneOf();
    lane.turnTaken(poison, WANTS);
    lane.turnTaken(other, WANTS);
    lane.turnTaken(other, NOTHING);
    lane.leave(poison);
    jest.advanceTimersByTime(BETWEEN_TURNS_MS);
    expect(lane.isHeld).toBe(false);
  });
});
