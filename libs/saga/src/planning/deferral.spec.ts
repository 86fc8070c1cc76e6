import type { StepTraits } from './definition.fixture.js';
import { begin, pivot, retriable, sagaOf, type Scenario, step, story } from './scenario.fixture.js';
import { waitingFor } from './waiting-for.js';

const DEFERRED = { kind: 'deferred' } as const;

const order = (traits: StepTraits = {}): Scenario => begin(sagaOf(step('pay', traits), step('ship')));

describe('a step whose participant answers later', () => {
  it('waits, is asked again, and goes on with the answer', () => {
    const saga = order().ends('pay', DEFERRED);
    expect(saga.wakeAt).toBe(1_000);
    expect(waitingFor(saga.state)).toEqual({ kind: 'reply', name: 'pay' });
    saga.wait().returns('pay', 'receipt 7');
    expect(saga.told()).toBe(story`
      the saga starts
      pay starts
      pay is answered later; asked again at 1000
      -- at 1000
      pay#2 starts
      pay succeeded: "receipt 7"
      ship starts
    `);
  });

  it('is asked again after a tenth of the time that it has waited, a second at least and 15 minutes at most', () => {
    const saga = order().ends('pay', DEFERRED);
    const pauses: number[] = [];
    for (let asked = 0; asked < 120; asked += 1) {
      const before = saga.wakeAt ?? 0;
      saga.wait().ends('pay', DEFERRED);
      pauses.push((saga.wakeAt ?? 0) - before);
    }
    expect(pauses.slice(0, 11)).toEqual([...Array<number>(10).fill(1_000), 1_100]);
    expect(pauses.at(-1)).toBe(900_000);
  });

  it('R9: spends no attempt of its policy, however often it is asked and whatever failed before', () => {
    const saga = order({ retry: { attempts: 2, within: 500 } });
    for (let day = 0; day < 5; day += 1) saga.ends('pay', DEFERRED).wait().throws('pay').wait();
    expect(saga.node('pay')).toMatchObject({ status: 'started', failures: 1, attempts: 11 });
    saga.throws('pay');
    expect(saga.node('pay').status).toBe('unknown');
  });

  it('R21: that its node died while it was asked counts no more once it is answered', () => {
    const saga = order().ends('pay', DEFERRED).wait().crash().ends('pay', DEFERRED);
    expect(saga.node('pay').crashes).toBe(0);
  });

  it('R19: whoever takes the saga over meanwhile waits on, and asks when its time comes', () => {
    const saga = order({ idempotent: false }).ends('pay', DEFERRED).later(400).crash();
    expect(saga.wakeAt).toBe(1_000);
    expect(saga.node('pay')).toMatchObject({ status: 'started', open: null, crashes: 0 });
    expect(saga.wait().returns('pay').node('pay').status).toBe('succeeded');
  });

  it('R34: without a timeout of its own it waits as long as it takes', () => {
    const saga = order({ timeoutMs: 30_000 }).ends('pay', DEFERRED).later(86_400_000).learns().ends('pay', DEFERRED);
    expect(saga.node('pay').status).toBe('started');
  });

  it('R10, R34: its own timeout ends the whole wait, and what may come of it is undone', () => {
    const saga = order({ replyTimeoutMs: 1_500 }).ends('pay', DEFERRED).wait().ends('pay', DEFERRED);
    expect(saga.wakeAt).toBe(1_500);
    saga.skip().wait();
    expect(saga.told()).toBe(story`
      -- at 1500
      pay is unknown (timed out): its participant has not answered within 1500ms
      unwinding begins: pay timed-out SAGA_REPLY_TIMED_OUT (its participant has not answered within 1500ms)
      ship is skipped: the saga unwinds
      undo pay starts
    `);
    expect(saga.returns('undo pay').state.status).toBe('compensated');
  });

  it('R24: an answer that comes after its timeout changes nothing', () => {
    const saga = order({ replyTimeoutMs: 500 }).ends('pay', DEFERRED).wait().returns('pay', 'late').returns('undo pay');
    expect(saga.state).toMatchObject({ status: 'compensated', failure: { step: 'pay', kind: 'timed-out' } });
  });

  it('R14: a saga that unwinds waits for no answer, and undoes what may come of it', () => {
    const saga = order().ends('pay', DEFERRED).skip().cancel();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      pay is unknown: the saga unwinds, and its participant has not answered yet
      ship is skipped: the saga unwinds
      undo pay starts
    `);
    const asked = order().cancel().skip().ends('pay', DEFERRED);
    expect(asked.told()).toBe(story`
      pay is unknown: the saga unwinds, and its participant has not answered yet
      undo pay starts
    `);
  });

  it('R11: where there is no way back it has no limit', () => {
    const traits = { replyTimeoutMs: 500 };
    const saga = begin(sagaOf(step('a'), pivot('pay', traits), retriable('ship', traits)));
    saga.returns('a').ends('pay', DEFERRED).wait().ends('pay', DEFERRED).wait().returns('pay');
    saga.ends('ship', DEFERRED).wait().ends('ship', DEFERRED).wait().returns('ship');
    expect(saga.state.status).toBe('completed');
  });

  it('R8: holds no slot', () => {
    const saga = begin(sagaOf(step('pay', { each: () => [1, 2, 3], concurrency: 1 })));
    saga.ends('pay[0]', DEFERRED).ends('pay[1]', DEFERRED);
    expect(saga.node('pay[2]').open).not.toBeNull();
  });

  it('R15: so does a compensation, which has no limit', () => {
    const saga = order({ replyTimeoutMs: 500 }).returns('pay').refuses('ship').ends('undo pay', DEFERRED);
    expect(waitingFor(saga.state)).toEqual({ kind: 'reply', name: 'pay' });
    saga.wait().ends('undo pay', DEFERRED).wait();
    expect(saga.returns('undo pay').state.status).toBe('compensated');
  });

  it('R16, R25: an operator opens a new round, in which the time counts anew', () => {
    const saga = order({ replyTimeoutMs: 1_000, retry: { attempts: 1 }, undo: { retry: { attempts: 1 } } });
    saga.ends('pay', DEFERRED).wait().throws('undo pay', { retryable: false });
    expect(saga.state.status).toBe('stuck');
    saga.operator({ kind: 'retry', by: { operator: 'ann', reason: 'the bank is back' } });
    expect(saga.node('pay').compensation).toMatchObject({ round: 2, deferredAt: null });
  });
});
