import { SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { CrashingNode } from './node.js';

const LEASE_MS = 600;

@SagaDefinition({ name: 'two-steps' })
class TwoStepsSaga {
  constructor(private readonly calls: string[]) {}

  @SagaStep({ kind: 'readonly' })
  async first({ attempt }: SagaContext) {
    this.calls.push(`first#${attempt}`);
  }

  @SagaStep({ kind: 'readonly' })
  async second({ attempt }: SagaContext) {
    this.calls.push(`second#${attempt}`);
  }
}

/** The whole process stands still, its timers too, for longer than its lease. */
function freeze(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LEASE_MS * 1.1);
}

/** Freezes the process once, between the first write of that sort and its answer. */
function freezingAt(sort: 'start' | 'checkpoint', store: SagaStore): SagaStore {
  let frozen = false;
  const write = async (...args: readonly unknown[]): Promise<unknown> => {
    const result = await Reflect.apply(store[sort] as (...given: readonly unknown[]) => Promise<unknown>, store, args);
    if (!frozen) freeze();
    frozen = true;
    return result;
  };
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (property === sort) return write;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('R22: a node that was frozen past its lease while a write was answered', () => {
  it.each([
    ['start', ['first#2', 'second#1']],
    ['checkpoint', ['first#1', 'second#2']],
  ] as const)(
    'begins nothing of what the %s said: whoever owns the saga then does',
    async (sort, expected) => {
      const calls: string[] = [];
      const store = freezingAt(sort, new InMemorySagaStore());
      const node = await CrashingNode.boot(store, { type: TwoStepsSaga, make: () => new TwoStepsSaga(calls), leaseMs: LEASE_MS });
      const saga = await node.sagas.start(TwoStepsSaga, {});
      await saga.result({ timeout: '10s' });
      await node.leave();
      expect(calls).toEqual(expected);
    },
    20_000,
  );
});
