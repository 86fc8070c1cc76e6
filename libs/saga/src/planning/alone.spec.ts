import { begin, sagaOf, type ScenarioOptions, step, story } from './scenario.fixture.js';

describe('what has crashed its node twice', () => {
  it('R21: begins only alone; until then nothing of it is in the journal, so what happens meanwhile is no crash of it', () => {
    const saga = begin(sagaOf(step('poison')))
      .crash()
      .skip()
      .crash();
    expect(saga.told()).toBe('poison#2 is cut short by a crash (effect possible)');
    expect([saga.wantsAlone, saga.wakeAt, saga.state.status]).toEqual([true, null, 'running']);
    expect(saga.crash().crash().node('poison').crashes).toBe(2);
    expect(saga.skip().alone().told()).toBe('poison#3 starts');
    expect(saga.wantsAlone).toBe(false);
    expect(saga.returns('poison').state.status).toBe('completed');
  });

  it('R21: one crash is none to be afraid of', () => {
    const saga = begin(sagaOf(step('a'))).crash();
    expect([saga.wantsAlone, saga.node('a').open?.attempt]).toEqual([false, 2]);
  });

  it('R21: its siblings do not wait for it; alone, it begins, and nothing beside it', () => {
    const saga = begin(sagaOf(step('poison', { after: [] }), step('a', { after: [] }), step('b', { after: ['a'] })));
    for (let crash = 0; crash < 2; crash += 1) saga.stops('poison', 'crash');
    saga
      .skip()
      .held(saga.fact('a', { kind: 'returned' }))
      .alone();
    expect(saga.told()).toBe('a succeeded\npoison#3 starts');
    saga.learns();
    expect(saga.told()).toBe('b starts');
  });

  it('R21: of several, one; the next one when it asks again', () => {
    const saga = begin(sagaOf(step('each', { each: () => [1, 2] })))
      .crash()
      .crash()
      .skip()
      .alone();
    expect([saga.told(), saga.wantsAlone]).toEqual(['each[0]#3 starts', true]);
    saga.returns('each[0]').skip().alone();
    expect(saga.told()).toBe('each[1]#3 starts');
  });

  it('R21: where the slots of its step are taken it waits for one first', () => {
    const saga = begin(sagaOf(step('each', { each: () => [1, 2], concurrency: 1 })))
      .crash()
      .crash();
    expect([saga.node('each[1]').open?.attempt, saga.wantsAlone]).toEqual([1, false]);
    expect(saga.returns('each[1]').wantsAlone).toBe(true);
  });

  it('R21: a pause between its attempts is waited for, and wakes the saga', () => {
    const saga = begin(sagaOf(step('poison', { retry: { attempts: 2 } })))
      .crash()
      .crash()
      .alone()
      .throws('poison');
    expect([saga.wantsAlone, saga.wakeAt]).toEqual([false, 100]);
    saga.wait();
    expect([saga.wantsAlone, saga.wakeAt]).toEqual([true, null]);
    expect(saga.alone().returns('poison').state.status).toBe('completed');
  });

  it('R21: so does a compensation, and the others on the way back do not wait for it', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] }), step('c', { after: ['a', 'b'] })))
      .returns('a')
      .returns('b')
      .refuses('c');
    for (let crash = 0; crash < 2; crash += 1) saga.stops('undo b', 'crash');
    saga.returns('undo a').skip();
    expect([saga.wantsAlone, saga.wakeAt, saga.state.status]).toEqual([true, null, 'compensating']);
    saga.alone().returns('undo b');
    expect(saga.told()).toBe(story`
      undo b#3 starts
      undo b succeeded
      the saga is compensated: c rejected NO (no)
    `);
  });

  it('R14, R21: nothing new starts once the saga unwinds, alone neither', () => {
    const saga = begin(sagaOf(step('poison', { after: [] }), step('a', { after: [] })));
    for (let crash = 0; crash < 2; crash += 1) saga.stops('poison', 'crash');
    saga.skip().alone(saga.fact('a', { kind: 'refused', error: { message: 'no' } }));
    expect(saga.told()).toBe(story`
      a is refused: no
      unwinding begins: a rejected (no)
      poison is unknown: cut short, and not tried again
      undo poison starts
    `);
  });

  it('R21, R24: a turn alone with nothing to be alone for is a turn like any other', () => {
    const saga = begin(sagaOf(step('poison'), step('b')))
      .crash()
      .crash()
      .skip();
    saga.alone(saga.fact('poison#2', { kind: 'returned' }));
    expect(saga.told()).toBe('poison succeeded\nb starts');
  });
});

describe('beside an attempt that has the node for itself', () => {
  const poisoned = (options?: ScenarioOptions) => {
    const saga = begin(sagaOf(step('a'), step('poison'), step('b')), options)
      .returns('a')
      .crash()
      .crash();
    return saga.alone().skip();
  };

  it('R14, R21, R30: its own saga turns round as soon as it is cancelled; what is to be undone waits', () => {
    const saga = poisoned().hears({ kind: 'cancel-requested', reason: 'changed my mind' }).standsBy();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      b is skipped: the saga unwinds
    `);
    saga.standsBy(saga.fact('poison', { kind: 'interrupted', why: 'stop', returned: true })).skip();
    expect([saga.node('poison').compensation.open, saga.wakeAt, saga.state.status]).toEqual([null, null, 'compensating']);
    saga.learns();
    expect(saga.told()).toBe('undo poison starts');
  });

  it('R21, R29: a deadline turns it round, and wakes it for that alone', () => {
    const saga = poisoned({ deadlineAt: 1_000 }).standsBy();
    expect(saga.wakeAt).toBe(1_000);
    saga.later(1_000).standsBy();
    expect([saga.state.status, saga.wakeAt]).toEqual(['compensating', null]);
  });

  it('R21, R28: a pause that is over wakes nobody as long as nothing may begin', () => {
    const saga = begin(sagaOf(step('a', { retry: { attempts: 2 } })))
      .throws('a')
      .standsBy();
    expect([saga.wakeAt, saga.later(100).standsBy().wakeAt, saga.learns().node('a').open?.attempt]).toEqual([null, null, 2]);
  });

  it('R7, R21: a step that is ready waits, and the saga is not stuck for that', () => {
    const saga = begin(sagaOf(step('a'), step('b')));
    saga.standsBy(saga.fact('a', { kind: 'returned' }));
    expect([saga.state.status, saga.node('b').status, saga.wakeAt]).toEqual(['running', 'pending', null]);
    expect(saga.learns().node('b').open?.attempt).toBe(1);
  });

  it('R21: a saga that has nothing left to begin ends, in either direction', () => {
    const done = begin(sagaOf(step('a')));
    expect(done.standsBy(done.fact('a', { kind: 'returned' })).state.status).toBe('completed');
    const refused = begin(sagaOf(step('a')));
    expect(refused.standsBy(refused.fact('a', { kind: 'refused', error: { message: 'no' } })).state.status).toBe('compensated');
  });
});
