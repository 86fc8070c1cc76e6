import { SagaRegistry } from '../definition/saga-registry.js';
import { InMemorySagaStore } from '../store/in-memory/in-memory-saga-store.js';
import type { SagaStore } from '../store/saga-store.js';
import { SagaRuntime } from './saga-runtime.js';

// In ES modules jest hands itself over here.
const { jest } = import.meta as unknown as { readonly jest: typeof globalThis.jest };

const MINUTES = 10;

const OPTIONS = {
  workerEnabled: true,
  concurrency: 1_000,
  shutdownTimeoutMs: 0,
  leaseMs: 10_000,
  abandonAfterMs: 60_000,
  mailboxRetentionMs: 3_600_000,
  keeping: { retentionMs: 3_600_000, keyRetentionMs: 3_600_000 },
  maxPayload: 256 * 1024,
};

/** Tells of each call: where there is nothing to do, each is one statement. */
function counting<T extends object>(target: T, called: () => void): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value instanceof Object ? counting(value, called) : value;
      return (...given: unknown[]): unknown => {
        called();
        return Reflect.apply(value, target, given);
      };
    },
  });
}

describe('a node that has nothing to do', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('asks its store for something twice a second at most', async () => {
    let calls = 0;
    const store = counting<SagaStore>(new InMemorySagaStore(), () => (calls += 1));
    const runtime = new SagaRuntime({
      registry: new SagaRegistry(),
      options: OPTIONS,
      routes: () => ({ participants: new Map(), commandBus: undefined }),
      observe: () => undefined,
      openStore: async () => store,
    });
    await runtime.open();
    await runtime.work();
    calls = 0;
    await jest.advanceTimersByTimeAsync(MINUTES * 60_000);
    expect(calls / (MINUTES * 60)).toBeLessThanOrEqual(2);
    expect(calls / (MINUTES * 60)).toBeGreaterThan(1);
    await runtime.stop();
    await runtime.close();
  });
});
