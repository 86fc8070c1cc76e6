import { apply, fold } from './fold.js';
import type { SagaFailure } from './failure.js';
import { JournalFault } from './journal-fault.js';
import type { AttemptRef, Entry, EntryBody } from './journal.js';
import { isSagaError } from './saga-error.js';
import { begin, sagaOf, step } from './scenario.fixture.js';
import { NEW_SAGA, nodeState } from './state.js';

const failure: SagaFailure = { kind: 'cancelled', message: 'stop' };
const error = { message: 'down' };
const by = { operator: 'ann', reason: 'I looked at it' };

const journal = (...bodies: readonly EntryBody[]): Entry[] => bodies.map((body, index) => ({ ...body, sequence: index + 1, at: index }));

const started = (name: string, over: Partial<AttemptRef> = {}): EntryBody => ({
  kind: 'attempt-started',
  step: name,
  direction: 'forward',
  attempt: 1,
  ...over,
});
const succeeded = (name: string): EntryBody => ({ kind: 'step-succeeded', step: name });
const undoing = (name: string): EntryBody => started(name, { direction: 'compensation' });
const turned: EntryBody = { kind: 'unwinding-began', failure };
const fannedOut: EntryBody = { kind: 'step-fanned-out', step: 'a', items: [1, 2] };

const begun: readonly EntryBody[] = [{ kind: 'saga-started' }];
const open: readonly EntryBody[] = [...begun, started('a')];
const done: readonly EntryBody[] = [...open, succeeded('a')];
const back: readonly EntryBody[] = [...done, turned];

describe('folding the journal', () => {
  it('R4: tells of the saga, whatever it went through', () => {
    const saga = begin(sagaOf(step('a', { each: () => [1, 2], retry: { attempts: 2 }, timeoutMs: 100 }), step('b'), step('c')));
    saga
      .throws('a[0]')
      .crash()
      .wait(5_000)
      .returns('a[0]', { price: 3 })
      .returns('a[1]')
      .timesOut('b')
      .refuses('undo a[0]')
      .returns('undo b')
      .finish();
    const stored = JSON.parse(JSON.stringify(saga.journal)) as Entry[];
    expect(fold(stored)).toEqual(saga.state);
    expect(fold(stored.slice(9), fold(stored.slice(0, 9)))).toEqual(saga.state);
  });

  it('R4: an empty journal is a saga that nothing happened to', () => {
    expect(fold([])).toBe(NEW_SAGA);
  });

  it('R4: when a step started and ended is in the journal, too', () => {
    const node = nodeState(
      fold(
        journal(
          ...open,
          { kind: 'attempt-failed', step: 'a', direction: 'forward', attempt: 1, error, effect: 'none', retryAt: 9 },
          started('a', { attempt: 2 }),
          succeeded('a'),
        ),
      ),
      { step: 'a' },
    );
    expect(node).toMatchObject({ startedAt: 1, firstStartedAt: 1, endedAt: 4, attempts: 2, failures: 1, open: null, dueAt: null });
  });

  it('R4: applying an entry leaves the state before it as it was', () => {
    const before = fold(journal(...open));
    const copy = structuredClone(before);
    apply(before, { ...succeeded('a'), sequence: 3, at: 9 });
    expect(before).toEqual(copy);
  });

  const faults: readonly (readonly [string, readonly EntryBody[], EntryBody, string])[] = [
    [
      'a second attempt beside the first',
      open,
      started('a', { attempt: 2 }),
      '3 (attempt-started of a) comes after 1 attempts, one of them under way',
    ],
    ['an attempt that skips a number', begun, started('a', { attempt: 2 }), '2 (attempt-started of a) comes after 0 attempts'],
    [
      'an attempt of a step that is settled',
      done,
      started('a', { attempt: 2 }),
      '4 (attempt-started of a) is illegal in a step that is succeeded',
    ],
    ['an outcome without an attempt', begun, succeeded('a'), '2 (step-succeeded of a) is illegal in a step that is pending'],
    ['a second outcome', done, { kind: 'step-unknown', step: 'a', error }, '4 (step-unknown of a) is illegal in a step that is succeeded'],
    [
      'a failure of an attempt that is not under way',
      open,
      { kind: 'attempt-failed', step: 'a', direction: 'forward', attempt: 2, error, effect: 'none', retryAt: 9 },
      '3 (attempt-failed of a) ends attempt 2, which is not under way',
    ],
    [
      'an interruption of an attempt that is not under way',
      open,
      { kind: 'attempt-interrupted', step: 'a', direction: 'forward', attempt: 2, why: 'crash', effect: 'none' },
      '3 (attempt-interrupted of a) ends attempt 2, which is not under way',
    ],
    [
      'an item that the step does not have',
      [...begun, fannedOut],
      started('a', { item: 2 }),
      '3 (attempt-started of a[2]) names an item that the step does not have',
    ],
    [
      'no item, where the step fans out',
      [...begun, fannedOut],
      started('a'),
      '3 (attempt-started of a) names an item that the step does not have',
    ],
    [
      'an item, where the step does not fan out',
      begun,
      started('a', { item: 0 }),
      '2 (attempt-started of a[0]) names an item that the step does not have',
    ],
    ['a fan-out of a step that has begun', open, fannedOut, '3 (step-fanned-out of a) is illegal in a step that has begun'],
    ['a second fan-out', [...begun, fannedOut], fannedOut, '3 (step-fanned-out of a) is illegal in a step that has begun'],
    [
      'a second fan-out of nothing',
      [...begun, { ...fannedOut, items: [] }],
      fannedOut,
      '3 (step-fanned-out of a) is illegal in a step that has begun',
    ],
    ['forward work in a saga that unwinds', back, started('b'), '5 (attempt-started of b) starts forward work in a saga that unwinds'],
    [
      'a compensation in a saga that does not unwind',
      done,
      undoing('a'),
      '4 (attempt-started of a) compensates in a saga that does not unwind',
    ],
    ['a compensation of a step that never ran', back, undoing('b'), '5 (attempt-started of b) compensates a step that is pending'],
    [
      'a compensation of a step that failed',
      [...open, { kind: 'step-failed', step: 'a', error, refused: true }, turned],
      undoing('a'),
      '5 (attempt-started of a) compensates a step that is failed',
    ],
    [
      'a compensation that runs again',
      [...back, undoing('a'), { kind: 'compensation-succeeded', step: 'a' }],
      started('a', { direction: 'compensation', attempt: 2 }),
      'is illegal in a compensation that is compensated',
    ],
    [
      'the end of a compensation that never began',
      back,
      { kind: 'compensation-failed', step: 'a', error },
      '5 (compensation-failed of a) is illegal in a compensation that is pending',
    ],
    ['a completion before anything ran', begun, { kind: 'saga-completed' }, '2 (saga-completed) is illegal in a saga that is pending'],
    ['a completion on the way back', back, { kind: 'saga-completed' }, '5 (saga-completed) is illegal in a saga that is compensating'],
    [
      'a compensated saga that never turned round',
      done,
      { kind: 'saga-compensated', failure },
      '4 (saga-compensated) is illegal in a saga that is running',
    ],
    ['a second turn', back, turned, '5 (unwinding-began) is illegal in a saga that is compensating'],
    [
      'a step of a saga that has ended',
      [...done, { kind: 'saga-completed' }],
      started('b'),
      '5 (attempt-started of b) is illegal in a saga that is completed',
    ],
    [
      'a fan-out in a saga that has ended',
      [...done, { kind: 'saga-completed' }],
      { ...fannedOut, step: 'b' },
      '5 (step-fanned-out of b) is illegal in a saga that is completed',
    ],
    [
      'a step of a saga that is stuck',
      [...done, { kind: 'saga-stuck', failure }],
      started('b'),
      '5 (attempt-started of b) is illegal in a saga that is stuck',
    ],
    [
      'a cancel of a saga that has ended',
      [...done, { kind: 'saga-completed' }],
      { kind: 'cancel-requested', reason: 'x' },
      '5 (cancel-requested) is illegal in a saga that is completed',
    ],
    [
      'a retry of a saga that is not stuck',
      open,
      { kind: 'retry-requested', by },
      '3 (retry-requested) is illegal in a saga that is running',
    ],
    [
      'a step settled by an operator while it is under way',
      open,
      { kind: 'step-resolved', step: 'a', by },
      '3 (step-resolved of a) comes while attempt 1 is under way',
    ],
    [
      'a step opened again that is done',
      [...done, { kind: 'saga-stuck', failure }],
      { kind: 'step-reopened', step: 'a', round: 2, by },
      '5 (step-reopened of a) is illegal in a step that is succeeded',
    ],
    [
      'a round that is left out',
      [...open, { kind: 'step-unknown', step: 'a', error }, { kind: 'saga-stuck', failure }],
      { kind: 'step-reopened', step: 'a', round: 3, by },
      '5 (step-reopened of a) begins round 3 after round 1',
    ],
    [
      'a compensation opened again that is completed',
      [...back, undoing('a'), { kind: 'compensation-succeeded', step: 'a' }],
      { kind: 'compensation-reopened', step: 'a', round: 2, by },
      '7 (compensation-reopened of a) is illegal in a compensation that is compensated',
    ],
    [
      'a completed saga that goes on without being taken back',
      [...done, { kind: 'saga-completed' }],
      { kind: 'step-resolved', step: 'b', by },
      '5 (step-resolved of b) is illegal in a saga that is completed',
    ],
    [
      'a compensated saga that is taken back',
      [...back, undoing('a'), { kind: 'compensation-succeeded', step: 'a' }, { kind: 'saga-compensated', failure }],
      turned,
      '8 (unwinding-began) is illegal in a saga that is compensated',
    ],
    ['a second start', open, { kind: 'saga-started' }, '3 (saga-started) is illegal in a saga that is running'],
    [
      'a kind of entry that nobody knows',
      open,
      { kind: 'step-blessed', step: 'a' } as unknown as EntryBody,
      '3 (step-blessed of a) is illegal in a step that is started',
    ],
  ];

  it.each(faults)('R4: refuses %s, and names the entry', (_, before, next, message) => {
    const bodies = [...before, next];
    expect(() => fold(journal(...before))).not.toThrow();
    expect(() => fold(journal(...bodies))).toThrow(JournalFault);
    expect(() => fold(journal(...bodies))).toThrow(message);
  });

  it.each([
    ['a gap', 3],
    ['a repetition', 1],
  ])('R4: refuses %s in the sequence', (_, sequence) => {
    const entries = [...journal(...begun), { ...started('a'), sequence, at: 0 }];
    expect(() => fold(entries)).toThrow(`journal entry ${sequence} (attempt-started of a) comes after sequence 1`);
  });

  it('R4: an entry that is not shaped as one is a fault like any other', () => {
    const entry = { kind: 'step-fanned-out', step: 'a', sequence: 2, at: 0 } as unknown as Entry;
    expect(() => fold([...journal(...begun), entry])).toThrow(/^journal entry 2 \(step-fanned-out of a\) cannot be read: /);
    expect(() => fold([...journal(...begun), entry])).toThrow(JournalFault);
  });

  it('R4: the fault is data: a code, and the sequence of the entry', () => {
    const fault = new JournalFault({ kind: 'alert-raised', message: 'x', sequence: 7, at: 0 }, 'is wrong');
    expect(fault).toMatchObject({
      code: 'SAGA_JOURNAL_FAULT',
      sequence: 7,
      message: 'journal entry 7 (alert-raised) is wrong',
      name: 'JournalFault',
    });
    expect(isSagaError(fault)).toBe(true);
  });

  it('R4: a reply that was ignored changes nothing, even after the end', () => {
    const ended = fold(journal(...done, { kind: 'saga-completed' }));
    const ignored: Entry = { kind: 'reply-ignored', step: 'a', direction: 'forward', attempt: 1, why: 'x', sequence: 5, at: 9 };
    expect(apply(ended, ignored)).toEqual({ ...ended, sequence: 5 });
  });

  it('R16: what an operator does moves a stuck saga on, in its direction, and it is stuck for no reason any more', () => {
    const left = { ...failure, left: [{ step: 'a', why: 'its compensation failed' }] };
    const unknown: EntryBody = { kind: 'step-unknown', step: 'a', error };
    const forward = fold(journal(...open, unknown, { kind: 'saga-stuck', failure }, { kind: 'step-skipped', step: 'a', why: 'x', by }));
    expect(forward).toMatchObject({ status: 'running', failure: null });
    const failed: EntryBody = { kind: 'compensation-failed', step: 'a', error };
    const backward = fold(journal(...back, undoing('a'), failed, { kind: 'saga-stuck', failure: left }, { kind: 'retry-requested', by }));
    expect(backward).toMatchObject({ status: 'compensating', failure });
    expect(backward.failure).not.toHaveProperty('left');
  });

  it('R16: it is paused from one entry to the other', () => {
    const paused = journal(...open, { kind: 'saga-paused', by });
    expect(fold(paused)).toMatchObject({ status: 'running', paused: true });
    expect(fold(journal(...open, { kind: 'saga-paused', by }, { kind: 'saga-resumed', by })).paused).toBe(false);
  });

  it('R30: the first reason of a cancel stays', () => {
    expect(
      fold(journal(...open, { kind: 'cancel-requested', reason: 'one' }, { kind: 'cancel-requested', reason: 'two' })).cancelReason,
    ).toBe('one');
  });

  it('R11: the alert of the deadline is raised once, whatever other alerts there were', () => {
    expect(fold(journal(...open, { kind: 'alert-raised', step: 'a', message: 'x' })).deadlineAlerted).toBe(false);
    expect(fold(journal(...open, { kind: 'alert-raised', message: 'a cancel was refused' })).deadlineAlerted).toBe(false);
    expect(fold(journal(...open, { kind: 'alert-raised', deadline: true, message: 'x' })).deadlineAlerted).toBe(true);
  });
});
