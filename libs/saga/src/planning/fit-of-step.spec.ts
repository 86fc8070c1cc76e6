import type { DraftStep, StepTraits } from './definition.fixture.js';
import type { WaitDefinition } from './definition.js';
import { fitOf } from './fit.js';
import type { ChildChoice } from './journal.js';
import { begin, pivot, readonly, retriable, sagaOf, type Scenario, step } from './scenario.fixture.js';

const PAID: WaitDefinition = { channel: 'event', name: 'Paid', timeoutMs: 50, onTimeout: 'fail' };
const CHOICE: ChildChoice = { id: 'c', name: 'parcel', version: 1, key: null, input: {}, hash: 'hash', timeoutMs: null };
const BY = { operator: 'ann', reason: 'looked' };

const called = (traits: StepTraits = {}): DraftStep => step('pay', traits);
const waiting = (traits: StepTraits = {}): DraftStep => step('pay', { wait: PAID, ...traits });
const childStep = (): DraftStep => step('pay', { kind: 'child', child: { timeoutMs: null } });

/** Its one step, `pay`, or that and one after it. */
const saga = (...steps: readonly DraftStep[]): Scenario => begin(sagaOf(...steps));
const paid = (told: Scenario, payload?: number): Scenario =>
  told.hears({ kind: 'message-received', channel: 'event', name: 'Paid', ...(payload !== undefined && { payload }) }).learns();
const withChild = (): Scenario =>
  saga(childStep(), step('ship')).ends('pay', { kind: 'chose-child', child: CHOICE }).ends('pay', { kind: 'left-to-child' });
const childEnds = (told: Scenario): Scenario =>
  told
    .hears({
      kind: 'message-received',
      channel: 'child',
      name: 'c',
      payload: { node: { step: 'pay' }, status: 'completed', results: {} },
    })
    .learns();

/** What keeps it from going on where `pay` is that step; undefined: nothing. */
function hindrance(told: Scenario, now: DraftStep, before: DraftStep): string | undefined {
  const fit = fitOf(told.state, sagaOf(before, step('ship')).steps, sagaOf(now, step('ship')));
  return fit.kind === 'unfit' ? fit.why : undefined;
}

const hinders = (told: Scenario, now: DraftStep): string | undefined => hindrance(told, now, called());

describe('a step that was called, and waits today', () => {
  const why = 'pay was called without a wait, and waits for event Paid here';

  it('R23: is not called again, without what it waits for', () => {
    expect(hinders(saga(called()), waiting())).toBe(why);
    expect(hinders(saga(called()).crash(), waiting())).toBe(why);
    expect(hinders(saga(called({ retry: { attempts: 2 } })).throws('pay'), waiting())).toBe(why);
  });

  it('R16, R23: nor by the retry of an operator', () => {
    const stuck = saga(pivot('pay'), retriable('ship')).returns('pay').refuses('ship');
    const { steps } = sagaOf(pivot('pay'), retriable('ship'));
    const fit = fitOf(stuck.state, steps, sagaOf(pivot('pay'), retriable('ship', { wait: PAID })));
    expect(fit).toMatchObject({ kind: 'unfit', step: 'ship' });
  });

  it('R23: nor is one of its items, where others have not begun', () => {
    const one = saga(called({ each: () => [1, 2], concurrency: 1 }));
    expect(hinders(one, waiting({ each: () => [1, 2] }))).toBe(why);
    const none = saga(called({ each: () => [1, 2], delayMs: 10 }));
    expect(hinders(none, waiting({ each: () => [1, 2] }))).toBeUndefined();
  });

  it('R23: goes on where it was only delayed: it waits before its first call', () => {
    const told = saga(called({ delayMs: 10 }), step('ship'));
    expect(hinders(told, waiting())).toBeUndefined();
    told.crashInto(sagaOf(waiting(), step('ship'))).wait(10);
    expect(told.node('pay')).toMatchObject({ attempts: 0, wait: { name: 'Paid' } });
  });

  it('R23: has its result, or its compensation, whatever it is today', () => {
    expect(hinders(saga(called(), step('ship')).returns('pay', 7), waiting())).toBeUndefined();
    const refused = saga(readonly('pay', { onRejected: 'continue' }), step('ship')).refuses('pay');
    expect(hinders(refused, waiting())).toBeUndefined();
    const unwinds = saga(called(), step('ship')).throws('pay');
    expect(unwinds.state.unwinding).toBe(true);
    expect(hinders(unwinds, waiting())).toBeUndefined();
  });
});

describe('a step that waits or has waited, and is called at once today', () => {
  const waits = (): Scenario => saga(waiting(), step('ship'));

  it('R23: is not called before what it waits for is there', () => {
    expect(hinders(waits(), called())).toBe('pay waits for event Paid, and does not wait here');
    expect(hinders(waits(), childStep())).toBe('pay waits for event Paid, and does not wait here');
  });

  it('R23: is not called again without what it was called with, be that nothing', () => {
    const why = 'pay was called with what it waited for, and does not wait here';
    expect(hinders(paid(waits(), 7), called())).toBe(why);
    expect(hinders(paid(waits()), called())).toBe(why);
    expect(hinders(paid(waits(), 7), childStep())).toBe(why);
  });

  it('R23: may wait for something else, where it still waits', () => {
    expect(hinders(waits(), waiting({ wait: { ...PAID, channel: 'signal', name: 'paid' } }))).toBeUndefined();
    expect(hinders(paid(waits(), 7), waiting())).toBeUndefined();
  });

  it('R23: may be any step once it is done, or the saga unwinds', () => {
    expect(hinders(paid(waits(), 7).returns('pay'), called())).toBeUndefined();
    expect(hinders(waits().wait(50), called())).toBeUndefined();
    expect(hinders(paid(waits(), 7).throws('pay'), called())).toBeUndefined();
    const skipped = saga(waiting({ wait: { ...PAID, onTimeout: 'continue' } }), step('ship')).wait(50);
    expect(skipped.node('pay').status).toBe('skipped');
    expect(hinders(skipped, called())).toBeUndefined();
  });
});

describe('a step that was called, and runs a child today', () => {
  it('R23, R31: does not start a child after a call that may have done something itself', () => {
    expect(hinders(saga(called()), childStep())).toBe('pay was called as a step that runs no child, and is a child step here');
  });

  it('R23, R31: leaves no effect that no child undoes', () => {
    const why = 'pay has an effect of its own to undo, and is a child step here';
    expect(hinders(saga(called(), step('ship')).returns('pay'), childStep())).toBe(why);
    const unwinds = saga(called(), step('ship')).returns('pay').refuses('ship');
    expect(hinders(unwinds, childStep())).toBe(why);
    expect(hinders(unwinds.returns('undo pay'), childStep())).toBeUndefined();
  });

  it('R23: goes on where it owes nothing', () => {
    expect(hindrance(saga(readonly('pay'), step('ship')).returns('pay'), childStep(), readonly('pay'))).toBeUndefined();
    expect(hinders(saga(called(), step('ship')).refuses('pay'), childStep())).toBeUndefined();
    expect(hindrance(saga(childStep(), step('ship')).crash(), childStep(), childStep())).toBeUndefined();
  });
});

describe('a step that runs a child, and does not today', () => {
  const hindersChild = (told: Scenario, now: DraftStep): string | undefined => hindrance(told, now, childStep());
  const why = 'pay runs a child, and is no child step here';

  it('R23, R31: is left to those that recall the child, or undo it', () => {
    expect(hindersChild(withChild(), called())).toBe(why);
    expect(hindersChild(withChild().cancel(), called())).toBe(why);
    expect(hindersChild(childEnds(withChild()), called())).toBe(why);
    expect(hindersChild(withChild(), waiting())).toBe(why);
  });

  it('R23, R31: goes on where its child is undone', () => {
    const unwinds = childEnds(withChild()).cancel().returns('ship');
    unwinds.operator({ kind: 'skip', step: 'pay', by: BY });
    expect(unwinds.node('pay').compensation.status).toBe('skipped');
    expect(hindersChild(unwinds, called())).toBeUndefined();
  });

  it('R23: is called as what it is, where no child was chosen: nothing was started', () => {
    expect(hindersChild(saga(childStep(), step('ship')).crash(), called())).toBeUndefined();
    expect(hindersChild(saga(childStep(), step('ship')).crash(), waiting())).toContain('was called without a wait');
  });
});
