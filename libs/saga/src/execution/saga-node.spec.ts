import type { HeartbeatResult, SagaStore } from '../store/saga-store.js';
import type { Observation } from './observation.js';
import { SagaClock } from './saga-clock.js';
import { SagaNode } from './saga-node.js';

// In ES modules jest hands itself over here.
const { jest } = import.meta as unknown as { readonly jest: typeof globalThis.jest };

const LEASE_MS = 3_000;

/** A node whose heartbeats are answered as `answer` says. */
async function join(answer: () => Promise<HeartbeatResult>) {
  const told: string[] = [];
  const store = { registerNode: async () => undefined, removeNode: async () => undefined, heartbeat: answer };
  const listener = { onBeat: () => told.push('beat'), onLeaseLost: () => told.push('lost') };
  const observe = ({ kind }: Observation): number => told.push(kind);
  const node = new SagaNode(store as unknown as SagaStore, new SagaClock(), LEASE_MS, listener, observe);
  await node.join();
  return { node, told };
}

describe('SagaNode', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('R22: whose beats are not answered is lost a margin before its lease is over, not with the next beat', async () => {
    const { node, told } = await join(() => new Promise(() => undefined));
    const id = node.id;
    await jest.advanceTimersByTimeAsync(LEASE_MS * 0.89);
    expect({ id: node.id, told }).toEqual({ id, told: [] });
    await jest.advanceTimersByTimeAsync(LEASE_MS * 0.02);
    expect({ id: node.id, told }).toEqual({ id: undefined, told: ['lease-lost', 'lost'] });
  });

  it('R18: a lost lease makes a new id, once the store answers again', async () => {
    let alive = false;
    const { node, told } = await join(async () => ({ alive, now: Date.now(), owned: [], othersGone: false }));
    const id = node.id;
    await jest.advanceTimersByTimeAsync(LEASE_MS / 3);
    expect(told).toEqual(['lease-lost', 'lost']);
    alive = true;
    await jest.advanceTimersByTimeAsync(LEASE_MS / 3);
    expect(node.id).toBeDefined();
    expect(node.id).not.toBe(id);
  });

  it('keeps its id as long as its beats are answered, and nothing ticks after it left', async () => {
    const { node, told } = await join(async () => ({ alive: true, now: Date.now(), owned: [], othersGone: false }));
    const id = node.id;
    await jest.advanceTimersByTimeAsync(LEASE_MS * 10);
    expect(node.id).toBe(id);
    expect(new Set(told)).toEqual(new Set(['beat']));
    await node.leave();
    expect(jest.getTimerCount()).toBe(0);
  });
});
