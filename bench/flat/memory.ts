import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { AskedProcess } from '../harness/asked-process.js';
import type { Memory, WaitingRequest } from '../harness/waiting-protocol.js';
import { untilAtRest } from './fill.js';

/** Several heartbeats, looks for what is due, and sweeps. */
const IDLE_MS = 15_000;

/** Before what is counted begins, so that the code is compiled and the heap has the size of a node that works. */
const WARM_UP = 10_000;

/** Memory of a node that has been there for a while and has nothing to do. */
export async function idleMemory(url: string): Promise<Memory> {
  return withNode(url, async (node) => {
    await pause(IDLE_MS);
    return memoryOf(node);
  });
}

/** Memory of a node before and after it has begun sagas that wait. */
export async function memoryAroundWaiting(url: string, sagas: number): Promise<readonly [before: Memory, after: Memory]> {
  return withNode(url, async (node) => {
    const before = await memoryAfter(node, url, Math.min(WARM_UP, sagas));
    return [before, await memoryAfter(node, url, sagas)];
  });
}

async function memoryAfter(node: AskedProcess<WaitingRequest>, url: string, sagas: number): Promise<Memory> {
  await node.ask({ ask: 'begin', saga: 'approval', sagas });
  await withClient(url, untilAtRest);
  return memoryOf(node);
}

const memoryOf = async (node: AskedProcess<WaitingRequest>): Promise<Memory> => (await node.ask({ ask: 'memory' })) as Memory;

/** A node in a process of its own. */
export async function withNode<T>(url: string, work: (node: AskedProcess<WaitingRequest>) => Promise<T>): Promise<T> {
  const node = new AskedProcess<WaitingRequest>('waiting-node');
  try {
    await node.ask({ ask: 'open', url });
    const result = await work(node);
    await node.close({ ask: 'close' });
    return result;
  } finally {
    node.kill();
  }
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
