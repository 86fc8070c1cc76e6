import type { StepTraits } from './definition.fixture.js';
import type { SagaFailure } from './failure.js';
import { by, refused as refusalOf } from './operator.fixture.js';
import type { StoredValue } from './payload.js';
import { begin, pivot, readonly, retriable, sagaOf, type Scenario, step, story } from './scenario.fixture.js';

const parcel = (name: string, traits: StepTraits = {}) => step(name, { kind: 'child', child: { timeoutMs: null }, ...traits });

const order = (traits: StepTraits = {}) => sagaOf(step('reserve'), parcel('ship', traits), readonly('thank'));

/** Its method names a child. */
const chooses = (saga: Scenario, name = 'ship', id = `${name}-1`): Scenario =>
  saga.ends(name, {
    kind: 'chose-child',
    child: { id, name: 'ship-parcel', version: 1, key: null, input: { order: 7 }, hash: 'hash', timeoutMs: null },
  });

/** The child is there; or, in a compensation, it unwinds. */
const leaves = (saga: Scenario, name = 'ship'): Scenario => saga.ends(name, { kind: 'left-to-child' });

const runs = (saga: Scenario, name = 'ship', id = `${name}-1`): Scenario => leaves(chooses(saga, name, id), name);

type End = { readonly results: StoredValue } | { readonly failure: SagaFailure };

const says = (saga: Scenario, id: string, end: End): Scenario =>
  saga.hears({ kind: 'message-received', channel: 'child', name: id, payload: wordOf(id, end) }).learns();

const wordOf = (id: string, end: End): StoredValue =>
  ({ node: nodeOf(id), status: 'results' in end ? 'completed' : 'compensated', ...end }) as unknown as StoredValue;

/** Of `ship-1`, or of `ship[0]-1`. */
const nodeOf = (id: string) => {
  const [name, item] = id.replace(/\]?-\d+$/, '').split('[');
  return { step: name, ...(item !== undefined && { item: Number(item) }) };
};

const completed = { results: { book: 'T-1' } } as const;
const cancelled = { failure: { kind: 'cancelled', message: 'recalled' } } as const;
const refused = { failure: { kind: 'rejected', step: 'load', code: 'FRAGILE', message: 'too fragile' } } as const;

describe('a step that runs a child', () => {
  it('R31: ends with its child, whose results are its own', () => {
    const saga = runs(begin(order()).returns('reserve').skip());
    expect(saga.state.status).toBe('running');
    expect(saga.wakeAt).toBeNull();
    expect(says(saga, 'ship-1', completed).told()).toBe(story`
      ship runs ship-parcel
      the child of ship is there
      child ship-1 comes as 7: completed
      ship succeeded: {"book":"T-1"}
      thank starts
    `);
  });

  it('R31: a child that ended compensated leaves it failed, for the reason of the child', () => {
    const saga = says(runs(begin(order()).returns('reserve')).skip(), 'ship-1', refused).returns('undo reserve');
    expect(saga.told()).toBe(story`
      child ship-1 comes as 7: compensated
      ship is refused: the child was compensated: load: too fragile
      unwinding begins: ship rejected FRAGILE (the child was compensated: load: too fragile)
      thank is skipped: the saga unwinds
      undo reserve starts
      undo reserve succeeded
      the saga is compensated: ship rejected FRAGILE (the child was compensated: load: too fragile)
    `);
  });

  it("R31: a refused child is passed over where the step says so (onRejected: 'continue')", () => {
    const saga = says(runs(begin(order({ onRejected: 'continue' })).returns('reserve')).skip(), 'ship-1', refused);
    expect(saga.told()).toBe(story`
      child ship-1 comes as 7: compensated
      ship is refused: the child was compensated: load: too fragile, and the saga goes on
      thank starts
    `);
  });

  it('R31: a parent that unwinds recalls the child that runs, waits for it, and then undoes what is before it', () => {
    const saga = runs(begin(order()).returns('reserve')).skip().cancel();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      the child of ship is recalled: its parent unwinds
      thank is skipped: the saga unwinds
    `);
    expect(saga.wakeAt).toBeNull();
    expect(says(saga, 'ship-1', cancelled).told()).toBe(story`
      child ship-1 comes as 11: compensated
      ship failed: the child was compensated: recalled
      undo reserve starts
    `);
  });

  it('R31: a child that was completed is taken back as a whole, and waited for', () => {
    const saga = says(runs(begin(order()).returns('reserve')), 'ship-1', completed)
      .skip()
      .refuses('thank');
    leaves(saga, 'undo ship');
    expect(saga.told()).toBe(story`
      thank is refused: no
      unwinding begins: thank rejected NO (no)
      undo ship starts
      the child of ship unwinds
    `);
    expect(saga.state.status).toBe('compensating');
    expect(says(saga, 'ship-1', cancelled).told()).toBe(story`
      child ship-1 comes as 14: compensated
      undo ship succeeded
      undo reserve starts
    `);
  });

  it('R31: a recalled child that is completed all the same is taken back', () => {
    const saga = runs(begin(order()).returns('reserve')).cancel().skip();
    expect(says(saga, 'ship-1', completed).told()).toBe(story`
      child ship-1 comes as 11: completed
      ship succeeded: {"book":"T-1"}
      undo ship starts
    `);
  });

  it('R28, R31: a child whose time is over is recalled, and its step is timed out when it has unwound', () => {
    const saga = runs(begin(order({ child: { timeoutMs: 50 } })).returns('reserve')).skip();
    expect(saga.wakeAt).toBe(50);
    says(saga.wait(), 'ship-1', cancelled);
    expect(saga.told()).toBe(story`
      -- at 50
      the child of ship is recalled: its time is over
      child ship-1 comes as 8: compensated
      ship failed: the child was compensated: recalled
      unwinding begins: ship timed-out (the child was compensated: recalled)
      thank is skipped: the saga unwinds
      undo reserve starts
    `);
  });

  it('R21, R28, R31: its time is over, too, while an attempt has the node for itself: it may be that of the child', () => {
    const saga = runs(begin(order({ child: { timeoutMs: 50 } })).returns('reserve'))
      .skip()
      .standsBy();
    expect([saga.wakeAt, saga.later(50).standsBy().wakeAt]).toEqual([50, null]);
    expect(saga.told()).toContain('the child of ship is recalled: its time is over');
  });

  it('R28, R31: a child that is completed in the moment in which its time is over counts as completed', () => {
    const saga = runs(begin(order({ child: { timeoutMs: 50 } })).returns('reserve')).skip();
    saga.hears({ kind: 'message-received', channel: 'child', name: 'ship-1', payload: wordOf('ship-1', completed) }).wait(50);
    expect(saga.told()).toBe(story`
      child ship-1 comes as 7: completed
      -- at 50
      ship succeeded: {"book":"T-1"}
      thank starts
    `);
  });

  it('R31: what a child says while it is being started counts, and the start that is known later changes nothing', () => {
    const saga = chooses(begin(order()).returns('reserve')).skip();
    leaves(says(saga, 'ship-1', completed));
    expect(saga.told()).toBe(story`
      child ship-1 comes as 6: completed
      ship succeeded: {"book":"T-1"}
      thank starts
      a reply to ship is ignored: the step is succeeded
    `);
  });

  it("R31: what comes twice, late, or from nobody's child changes nothing", () => {
    const saga = says(runs(begin(order()).returns('reserve')), 'ship-1', completed).skip();
    says(says(says(saga, 'ship-1', completed), 'ship-1', cancelled), 'mail-1', completed);
    expect(saga.told()).toBe(story`
      child ship-1 comes as 10: completed
      child ship-1 comes as 11: compensated
      child mail-1 comes as 12: completed
    `);
    expect(saga.node('ship').status).toBe('succeeded');
  });

  it("R31: an earlier attempt's reply does not end the step while the child runs", () => {
    const saga = begin(order({ retry: { attempts: 3 } })).returns('reserve');
    runs(saga.timesOut('ship').wait()).skip().returns('ship#1', 'a plain value').refuses('ship#1');
    expect(saga.told()).toBe(story`
      a reply to ship is ignored: a child runs, and ends the step
      a reply to ship is ignored: a child runs, and ends the step
    `);
  });

  it('R31: results that are too large to be kept leave the step unknown, and the child is taken back', () => {
    const saga = runs(begin(order()).returns('reserve')).skip();
    expect(says(saga, 'ship-1', { results: { book: 'x'.repeat(1_000) } }).told()).toBe(story`
      child ship-1 comes as 7: completed
      ship is unknown: the child's results have 1011 bytes, the limit (maxPayload) is 1000
      unwinding begins: ship failed SAGA_PAYLOAD (the child's results have 1011 bytes, the limit (maxPayload) is 1000)
      thank is skipped: the saga unwinds
      undo ship starts
    `);
  });
});

describe('a step that runs a child, and crashes', () => {
  it('R19, R31: a child that was chosen is started by the next attempt, and none is chosen again', () => {
    const saga = chooses(begin(order()).returns('reserve')).skip().crash();
    leaves(saga);
    expect(saga.told()).toBe(story`
      ship is cut short by a crash (effect possible)
      ship#2 starts
      the child of ship is there
    `);
  });

  it('R21, R31: a crash while the child runs costs nothing: nothing of the parent is under way', () => {
    const saga = runs(begin(order()).returns('reserve')).skip().crash();
    expect(saga.told()).toBe('');
    expect(says(saga, 'ship-1', completed).node('ship')).toMatchObject({ status: 'succeeded', attempts: 1, crashes: 0 });
  });

  it('R10, R31: one that turns round while its child is being started undoes it: it may be there', () => {
    const saga = chooses(begin(order()).returns('reserve')).cancel().skip().crash();
    expect(saga.told()).toBe(story`
      ship is unknown: its node died, or lost the saga, while it ran
      undo ship starts
    `);
  });
});

describe('items that run children', () => {
  const parcels = sagaOf(parcel('ship', { each: () => ['a', 'b'], concurrency: 1 }), readonly('thank'));
  const first = () => says(runs(begin(parcels), 'ship[0]').skip(), 'ship[0]-1', completed);

  it('R8, R31: a child holds the slot of its item until it has ended', () => {
    expect(first().told()).toBe(story`
      child ship[0]-1 comes as 6: completed
      ship[0] succeeded: {"book":"T-1"}
      ship[1] starts
    `);
  });

  it('R8, R31: also on the way back: the child of one item unwinds at a time', () => {
    const saga = runs(first(), 'ship[1]').skip().cancel();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      the child of ship[1] is recalled: its parent unwinds
      thank is skipped: the saga unwinds
    `);
    says(saga, 'ship[1]-1', completed);
    leaves(saga, 'undo ship[0]');
    expect(saga.told()).toBe(story`
      child ship[1]-1 comes as 15: completed
      ship[1] succeeded: {"book":"T-1"}
      undo ship[0] starts
      the child of ship[0] unwinds
    `);
    expect(says(saga, 'ship[0]-1', cancelled).told()).toBe(story`
      child ship[0]-1 comes as 19: compensated
      undo ship[0] succeeded
      undo ship[1] starts
    `);
  });
});

describe('a child after the pivot', () => {
  const sold = () => begin(sagaOf(pivot('charge'), parcel('ship', { after: ['charge'] }), retriable('mail', { after: ['charge'] })));

  it('R11, R31: one that is refused makes the saga stuck once the other branches are done', () => {
    const saga = says(runs(sold().returns('charge')).skip(), 'ship-1', refused).returns('mail');
    expect(saga.told()).toBe(story`
      child ship-1 comes as 8: compensated
      ship is refused: the child was compensated: load: too fragile
      mail succeeded
      the saga is stuck: ship rejected FRAGILE (the child was compensated: load: too fragile)
    `);
  });

  it('R25, R31: tried again by an operator, it runs a child of its own', () => {
    const saga = says(runs(sold().returns('charge').returns('mail')), 'ship-1', refused).skip();
    chooses(saga.operator({ kind: 'retry', by }), 'ship', 'ship-2');
    expect(saga.told()).toBe(story`
      ann (I called them) wants it tried again
      ship is open again, round 2
      ship#2 starts
      ship runs ship-parcel
    `);
    expect(says(leaves(saga), 'ship-2', completed).state.status).toBe('completed');
  });

  it('R31: tried again where nobody knows whether its child is there, it starts that one and no other', () => {
    const oneShot = sagaOf(pivot('charge'), parcel('ship', { idempotent: false }));
    const saga = chooses(begin(oneShot).returns('charge')).crash().skip();
    leaves(saga.operator({ kind: 'retry', by }));
    expect(saga.told()).toBe(story`
      ann (I called them) wants it tried again
      ship is open again, round 2
      ship#2 starts
      the child of ship is there
    `);
    expect(saga.node('ship').child?.choice.id).toBe('ship-1');
  });

  it.each(['skip', 'resolve'] as const)('R16, R31: while the child runs an operator cannot %s its step', (kind) => {
    const saga = runs(sold().returns('charge'));
    expect(refusalOf(saga, { kind, step: 'ship', by })).toContain('its child ship-1 is under way: mend it there, or wait for its end');
  });
});
