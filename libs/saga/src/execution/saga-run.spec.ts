import { once } from 'node:events';

import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaContext } from '../definition/saga-context.js';
import { decide } from '../planning/decide.js';
import type { DraftStep } from '../planning/definition.fixture.js';
import { instanceOf, readonly, sagaOf, step } from '../planning/definition.fixture.js';
import { fold } from '../planning/fold.js';
import type { Checkpoint, CheckpointResult, SagaStore } from '../store/saga-store.js';
import { AttemptRunner } from './attempt-runner.js';
import type { ChildSagas } from './child-sagas.js';
import type { CommandDispatcher } from './command-dispatcher.js';
import { Lane } from './lane.js';
import { SagaClock } from './saga-clock.js';
import { SagaRun } from './saga-run.js';

interface RunOptions {
  /** The lease of its node runs. */
  readonly isSafe?: () => boolean;
  /** Its deadline, from now. */
  readonly endsWithinMs?: number | null;
  /** What the store answers to each checkpoint. Default: all pass. */
  readonly answer?: (nth: number) => CheckpointResult;
}

/** What is called by a step's name. */
type Methods = Readonly<Record<string, (context: SagaContext) => unknown>>;

const PASSED: CheckpointResult = { kind: 'passed' };

/** A run of a saga whose methods are given, over a store that takes every checkpoint. */
function begin(
  steps: readonly DraftStep[],
  methods: Methods,
  { isSafe = () => true, endsWithinMs = null, answer = () => PASSED }: RunOptions = {},
) {
  const definition = sagaOf(...steps);
  const checkpoints: Checkpoint[] = [];
  const timers: number[] = [];
  const clock = new SagaClock();
  const instance = instanceOf(definition, endsWithinMs === null ? null : clock.now() + endsWithinMs, clock.now());
  const at = clock.at.bind(clock);
  clock.at = (time, callback) => {
    timers.push(time);
    return at(time, callback);
  };
  const store = {
    checkpoint: async (checkpoint: Checkpoint) => {
      checkpoints.push(checkpoint);
      return answer(checkpoints.length);
    },
    transaction: async (run: (manager: object) => Promise<unknown>) => {
      await new Promise(setImmediate);
      return run({});
    },
  } as unknown as SagaStore;
  const registered = {
    definition,
    methods: new Map(steps.map(({ name }) => [name, { action: name, compensation: `undo ${name}` }])),
  } as unknown as RegisteredSaga;
  const lane = new Lane({ isQuiet: () => true, lookAgain: () => undefined });
  const over: string[] = [];
  const host = {
    store,
    clock,
    isSafe,
    runner: new AttemptRunner({} as CommandDispatcher, { abandonAfterMs: 1_000, maxPayload: 1_000 }, {} as ChildSagas),
    observe: () => undefined,
    mail: { collectFor: async () => false, carry: async () => undefined },
    children: {} as ChildSagas,
    lane,
    instanceFor: () => methods,
    over: () => over.push('over'),
  };
  const first = fold([{ kind: 'saga-started', sequence: 1, at: clock.now() }]);
  const { state, entries, wakeAt } = decide(definition, instance, first, [], { now: clock.now(), random: () => 0 });
  const run = new SagaRun(host, { registered, instance, state, ownership: { owner: 'n', epoch: 1, revision: 0 }, paused: false });
  run.begin(entries, wakeAt);
  const kinds = (): string[] => checkpoints.flatMap((checkpoint) => checkpoint.entries.map(({ kind }) => kind));
  return { run, lane, timers, over, kinds, checkpoints };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('SagaRun', () => {
  it('R3: says of a checkpoint that the row stays as it is where it knows: not of the first, nor after a change from outside, nor of the last', async () => {
    const noop = (): void => undefined;
    const { over, checkpoints } = begin(
      [step('a'), step('b'), step('c'), step('d')],
      { a: noop, b: noop, c: noop, d: noop },
      {
        answer: (nth) => (nth === 3 ? { kind: 'changed', revision: 1, paused: false, since: [] } : PASSED),
      },
    );
    await until(() => over.length > 0);
    expect(checkpoints.map(({ ownership, stays }) => [ownership.revision, stays])).toEqual([
      [0, false],
      [0, true],
      [0, true],
      [1, false],
      [1, false],
    ]);
  });

  it('R22: a draining run sets no timer: what it holds back would be looked at again and again', async () => {
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const failing = step('b', { after: [], retry: { attempts: 2, delay: '1ms' } });
    const { run, timers, over, kinds } = begin([step('a', { after: [] }), failing], {
      a: () => slow,
      b: () => {
        throw new Error('down');
      },
    });
    run.drain();
    await until(() => kinds().includes('attempt-failed'));
    const setBefore = timers.length;
    for (let turns = 0; turns < 50; turns += 1) await new Promise(setImmediate);
    expect(timers.length).toBe(setBefore);
    expect(kinds().filter((kind) => kind === 'attempt-started')).toEqual([]);
    finish();
    await until(() => over.length > 0);
  });

  it('R22: a transactional step that had to wait for its transaction is not begun on a node that drains', async () => {
    let called = 0;
    const { run, over, kinds } = begin([readonly('a', { transactional: true })], { a: () => (called += 1) });
    run.drain();
    await until(() => over.length > 0);
    expect({ called, kinds: kinds() }).toEqual({ called: 0, kinds: ['attempt-interrupted'] });
  });

  it('R22: nothing is begun, and nothing written, when the lease may be over', async () => {
    let called = 0;
    const { over, kinds } = begin([readonly('a')], { a: () => (called += 1) }, { isSafe: () => false });
    await until(() => over.length > 0);
    expect({ called, kinds: kinds() }).toEqual({ called: 0, kinds: [] });
  });

  it('R14, R21, R29: its deadline aborts what is under way, also where another attempt has the node for itself', async () => {
    const { run, lane, over, kinds } = begin([readonly('a')], { a: async ({ signal }) => once(signal, 'abort') }, { endsWithinMs: 20 });
    const poison = { lookAgain: () => undefined };
    lane.turnTaken(poison, { wantsAlone: true, isAlone: false });
    lane.turnTaken(poison, { wantsAlone: false, isAlone: true });
    run.lookAgain();
    await until(() => over.length > 0);
    expect(kinds()).toEqual(['unwinding-began', 'step-succeeded', 'saga-compensated']);
    lane.leave(poison);
  });
});
