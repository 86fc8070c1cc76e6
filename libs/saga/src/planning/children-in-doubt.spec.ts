import type { ChildEnd } from './children.js';
import type { StoredValue } from './payload.js';
import { by, refused } from './operator.fixture.js';
import { begin, pivot, readonly, sagaOf, type Scenario, step, story } from './scenario.fixture.js';

const child = { timeoutMs: null };
const ship = step('ship', { kind: 'child', child });
const choice = (id: string) => ({ id, name: 'parcel', version: 1, key: null, input: {}, hash: 'hash', timeoutMs: null });

/** Its child has ended. */
const ends = (saga: Scenario, id: string, end: ChildEnd): Scenario =>
  saga.hears({ kind: 'message-received', channel: 'child', name: id, payload: end as unknown as StoredValue }).learns();

const chosen = () => begin(sagaOf(ship, readonly('bill'))).ends('ship', { kind: 'chose-child', child: choice('c1') });

describe('a child of which nobody knows whether it is there', () => {
  it('R14: none is started once its parent unwinds: there is nothing to undo', () => {
    const saga = begin(sagaOf(ship, readonly('bill')))
      .cancel()
      .skip();
    saga.ends('ship', { kind: 'chose-child', child: choice('c1') });
    expect(saga.told()).toBe(story`
      ship failed: the saga unwinds, and its child was not started
      the saga is compensated: cancelled (changed my mind)
    `);
  });

  it('R21, R31: that may have been started before its node died too often is the one that the next round goes on with', () => {
    const saga = chosen().crash().crash().alone().crash();
    expect(saga.state.status).toBe('stuck');
    saga.operator({ kind: 'retry', by });
    expect(saga.node('ship')).toMatchObject({ status: 'started', round: 2, child: { choice: { id: 'c1' } } });
    ends(saga.ends('ship', { kind: 'left-to-child' }), 'c1', { node: { step: 'ship' }, status: 'completed', results: {} });
    expect(saga.node('ship').status).toBe('succeeded');
  });

  it('R16, R31: that may have been started is not left behind by skipping or resolving its step', () => {
    const saga = chosen().crash().crash().alone().crash();
    for (const kind of ['skip', 'resolve'] as const) {
      expect(refused(saga, { kind, step: 'ship', by })).toContain('its child c1 may have been started: retry the saga');
    }
  });

  it('R25, R31: that has ended is followed by another when an operator tries its step again', () => {
    const saga = begin(sagaOf(pivot('pay'), { ...ship, compensation: null }))
      .returns('pay')
      .ends('ship', { kind: 'chose-child', child: choice('c1') })
      .ends('ship', { kind: 'left-to-child' });
    ends(saga, 'c1', { node: { step: 'ship' }, status: 'completed', results: { book: 'x'.repeat(2_000) } });
    expect(saga.node('ship').status).toBe('unknown');
    saga.operator({ kind: 'retry', by });
    expect(saga.node('ship')).toMatchObject({ status: 'started', round: 2, child: null });
  });

  it('R19, R31: that ended while its parent was stuck ends its step after the retry', () => {
    const saga = chosen().crash().crash().alone().crash();
    ends(saga, 'c1', { node: { step: 'ship' }, status: 'completed', results: { book: 7 } });
    expect(saga.state.status).toBe('stuck');
    saga.operator({ kind: 'retry', by });
    expect(saga.node('ship')).toMatchObject({ status: 'succeeded', result: { book: 7 } });
  });
});
