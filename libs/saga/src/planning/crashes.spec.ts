import { begin, pivot, retriable, sagaOf, step, story } from './scenario.fixture.js';

describe('crashes', () => {
  it('R19, R21: what a dead node had under way is repeated, and spends no attempt of the policy', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] })))
      .crash()
      .returns('a')
      .returns('b');
    expect(saga.told()).toBe(story`
      the saga starts
      a starts
      b starts
      a is cut short by a crash (effect possible)
      b is cut short by a crash (effect possible)
      a#2 starts
      b#2 starts
      a succeeded
      b succeeded
      the saga is completed
    `);
  });

  it('R19: a compensation, too, is repeated; one that succeeded never runs again', () => {
    const saga = begin(sagaOf(step('a'), step('b'), step('c')))
      .returns('a')
      .returns('b')
      .refuses('c')
      .skip();
    saga.returns('undo b').crash().returns('undo a');
    expect(saga.told()).toBe(story`
      undo b succeeded
      undo a starts
      undo a is cut short by a crash (effect possible)
      undo a#2 starts
      undo a succeeded
      the saga is compensated: c rejected NO (no)
    `);
  });

  it('R19: a transactional compensation that was cut short left nothing behind', () => {
    const saga = begin(sagaOf(step('a', { undo: { transactional: true } }), step('b')))
      .returns('a')
      .refuses('b')
      .skip()
      .crash();
    expect(saga.told()).toBe('undo a is cut short by a crash (effect none)\nundo a#2 starts');
  });

  it('R21: between attempts nothing is under way: the pause goes on', () => {
    const saga = begin(sagaOf(step('a', { retry: { attempts: 2 } })))
      .throws('a')
      .skip()
      .crash();
    expect(saga.told()).toBe('');
    expect(saga.wakeAt).toBe(100);
  });

  it('R21: a node that lives, and takes its saga up anew, has not crashed: however often, the step is no poison', () => {
    const saga = begin(sagaOf(step('a')));
    for (let times = 0; times < 5; times += 1) saga.takenUpAnew();
    expect(saga.told()).toContain('a#5 is cut short by a take-over (effect possible)\na#6 starts');
    expect(saga.returns('a#6').told()).toContain('the saga is completed');
  });

  it('R21: a step that is not idempotent is unknown after a crash or a stop', () => {
    const once = () => begin(sagaOf(step('a', { idempotent: false }))).skip();
    expect(once().crash().told()).toContain('a is unknown: its node died, or lost the saga, while it ran');
    expect(once().stops('a').told()).toContain('a is unknown: it was stopped before it could end');
  });

  it('R21: not idempotent, but transactional: its transaction is gone with the node, so it is repeated', () => {
    const saga = begin(sagaOf(step('a', { idempotent: false, transactional: true })))
      .skip()
      .crash();
    expect(saga.told()).toBe('a is cut short by a crash (effect none)\na#2 starts');
  });

  it('R9: a crash may have had an effect, unless the step is transactional', () => {
    const refusedAfterCrash = (transactional: boolean) =>
      begin(sagaOf(step('a', { transactional })))
        .crash()
        .refuses('a')
        .node('a').status;
    expect(refusedAfterCrash(false)).toBe('unknown');
    expect(refusedAfterCrash(true)).toBe('failed');
  });

  it('R21: at the crash limit the saga is stuck, and names the step', () => {
    const saga = begin(sagaOf(step('a'), step('poison')))
      .returns('a')
      .skip()
      .crash()
      .crash()
      .alone()
      .crash();
    expect(saga.told()).toBe(story`
      poison is cut short by a crash (effect possible)
      poison#2 starts
      poison#2 is cut short by a crash (effect possible)
      poison#3 starts
      poison#3 is cut short by a crash (effect possible)
      the saga is stuck: poison failed SAGA_POISON_STEP (its node died 3 times while this step ran)
    `);
    expect(saga.wakeAt).toBeNull();
    expect(saga.crash().told()).toBe('');
  });

  it('R21: a graceful stop is no crash', () => {
    const saga = begin(sagaOf(step('a')));
    for (let stop = 0; stop < 9; stop += 1) saga.stops('a');
    expect(saga.returns('a').state.status).toBe('completed');
  });

  it('R21: other branches go on before the saga is stuck; the poisonous item is named', () => {
    const saga = begin(sagaOf(step('each', { each: () => [1, 2] }), step('other', { after: [] })));
    for (let crash = 0; crash < 3; crash += 1) saga.stops('each[1]', 'crash').alone();
    saga.returns('each[0]');
    expect(saga.state.status).toBe('running');
    saga.returns('other');
    expect(saga.state).toMatchObject({
      status: 'stuck',
      failure: { step: 'each', code: 'SAGA_POISON_STEP', message: 'item 1: its node died 3 times while this step ran' },
    });
  });

  it('R21: past the pivot a poison step makes the saga stuck, too', () => {
    const saga = begin(sagaOf(step('a'), pivot('b'), retriable('c')))
      .returns('a')
      .returns('b')
      .crash()
      .crash()
      .alone()
      .crash();
    expect(saga.state).toMatchObject({ status: 'stuck', unwinding: false, failure: { step: 'c', code: 'SAGA_POISON_STEP' } });
  });

  it('R21, R24: a poison step that had succeeded after all, as a late reply tells, is none', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] }), step('c', { after: [] }), step('d')));
    for (let crash = 0; crash < 3; crash += 1) saga.stops('b', 'crash').alone();
    saga.returns('b').returns('a');
    for (let crash = 0; crash < 3; crash += 1) saga.stops('c', 'crash').alone();
    expect(saga.state).toMatchObject({ status: 'stuck', failure: { step: 'c' } });
  });

  it('R24: a late reply to a saga that is stuck is kept, and only an operator moves it', () => {
    const saga = begin(sagaOf(step('a')))
      .crash()
      .crash()
      .alone()
      .crash()
      .skip()
      .returns('a');
    expect(saga.told()).toBe('a reply to a#3 is ignored: the saga is stuck');
    expect(saga.state.status).toBe('stuck');
  });

  it('R21, R30: a saga that is stuck on a poison step before the pivot can be cancelled', () => {
    const saga = begin(sagaOf(step('a'), step('poison')))
      .returns('a')
      .crash()
      .crash()
      .alone()
      .crash()
      .skip()
      .cancel()
      .returns('undo poison')
      .returns('undo a');
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      poison is unknown: cut short, and not tried again
      undo poison starts
      undo poison succeeded
      undo a starts
      undo a succeeded
      the saga is compensated: cancelled (changed my mind)
    `);
  });

  it('R21, R29: its deadline turns it round, too', () => {
    const saga = begin(sagaOf(step('poison', { transactional: true })), { deadlineAt: 900 })
      .crash()
      .crash()
      .alone()
      .crash()
      .skip();
    expect(saga.wakeAt).toBe(900);
    saga.wait();
    expect(saga.told()).toBe(story`
      -- at 900
      unwinding begins: timed-out SAGA_DEADLINE (its deadline passed, 900ms after its start)
      poison failed: cut short, and not tried again
      the saga is compensated: timed-out SAGA_DEADLINE (its deadline passed, 900ms after its start)
    `);
  });

  it('R21: a compensation that kills its nodes is left, and named', () => {
    const saga = begin(sagaOf(step('a'), step('b'), step('c')))
      .returns('a')
      .returns('b')
      .refuses('c')
      .skip()
      .crash()
      .crash()
      .alone()
      .crash();
    expect(saga.told()).toContain('the saga is stuck: c rejected NO (no); left: b (its node died 3 times while its compensation ran)');
    expect(saga.returns('undo b').told()).toBe('a reply to undo b#3 is ignored: the saga is stuck');
  });

  it('R17, R21: a compensation that had succeeded after all, as a late reply tells, is not named as left', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] }), step('c', { after: [] })))
      .returns('a')
      .returns('b')
      .refuses('c');
    for (let crash = 0; crash < 3; crash += 1) saga.stops('undo a', 'crash').alone();
    saga.returns('undo a').returns('undo b');
    expect(saga.state.status).toBe('compensated');
    expect(saga.state.failure?.left).toBeUndefined();
  });

  it('R22: after a take-over a compensation waits until the attempt of the dead node has timed out', () => {
    const saga = begin(sagaOf(step('a', { after: [], timeoutMs: 400 }), step('b', { after: [], timeoutMs: 900 })));
    saga.wait(10).skip().refuses('b').crash();
    expect(saga.wakeAt).toBe(400);
    saga.wait(399).wait();
    expect(saga.told()).toBe(story`
      -- at 10
      b is refused: no
      unwinding begins: b rejected NO (no)
      a is unknown: its node died, or lost the saga, while it ran, quiet until 400
      -- at 400
      undo a starts
    `);
  });

  it('R22: also when a later attempt has succeeded since; the longest quiet counts', () => {
    const saga = begin(sagaOf(step('a', { timeoutMs: 400 }), step('b')))
      .wait(100)
      .crash()
      .wait(200)
      .crash()
      .returns('a')
      .refuses('b');
    expect(saga.node('a').quietUntil).toBe(500);
    expect(saga.wakeAt).toBe(500);
    expect(saga.wait().skip().returns('undo a').state.status).toBe('compensated');
  });

  it('R22: after a stop nothing waits where the method has returned; where it may be at work still, its compensation does', () => {
    const stopped = (returned: boolean) =>
      begin(sagaOf(step('a', { timeoutMs: 400 }), step('b')))
        .ends('a', { kind: 'interrupted', why: 'stop', returned })
        .returns('a')
        .refuses('b');
    expect(stopped(true).node('a').compensation.status).toBe('started');
    expect(stopped(false).node('a').compensation.status).toBe('pending');
    expect(stopped(false).wakeAt).toBe(400);
  });
});
