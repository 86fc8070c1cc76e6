import { setTimeout as pause } from 'node:timers/promises';

import type { NodeProcess } from '../processes/node-process.js';
import type { StartRequest } from '../processes/node/settings.js';
import type { Stage } from '../processes/stage.js';

export const NODES = 3;
const LEASE_MS = 1_000;
/** Longer than any freeze: a compensation waits for it after a take-over, so that what a frozen attempt still does comes before. [R22] */
const STEP_TIMEOUT_MS = 4_000;
/** So many sagas one crash hits. What it hits twice runs alone on its node, step by step: of a thousand that takes minutes. [R21] */
const CONCURRENCY = 50;
/** A boot that meets a database which is away fails; so many in a row have another reason. */
const BOOTS_IN_A_ROW = 10;
const LOOK_MS = 20;

/** Three nodes: for each that dies another one is booted, until they leave or the stage closes. */
export class Crew {
  private readonly alive = new Set<NodeProcess>();
  private readonly frozen = new Set<NodeProcess>();
  private isOver = false;
  /** Rejects when no node boots any more; resolves when all have gone. */
  readonly isKept: Promise<unknown>;

  constructor(private readonly stage: Stage) {
    this.isKept = Promise.all(Array.from({ length: NODES }, async (_, index) => this.keep(index + 1)));
  }

  awake(): readonly NodeProcess[] {
    return [...this.alive].filter((node) => node.isRunning && !this.frozen.has(node));
  }

  /** Starts it once, by its key: asks another node where one died before it answered, or could not. [R6] */
  async start(request: StartRequest, pick: number): Promise<void> {
    while (this.goesOn) {
      const nodes = this.awake();
      const isStarted = await nodes[pick % nodes.length]?.start(request).then(
        () => true,
        () => false,
      );
      if (isStarted === true) return;
      await pause(LOOK_MS);
    }
  }

  async isAwake(nodes: number): Promise<void> {
    while (this.goesOn && this.awake().length < nodes) await pause(LOOK_MS);
  }

  freeze(node: NodeProcess, leases: number): void {
    this.frozen.add(node);
    node.signal('SIGSTOP');
    setTimeout(() => {
      node.signal('SIGCONT');
      this.frozen.delete(node);
    }, leases * LEASE_MS);
  }

  /** Stops all nodes, the frozen ones once they go on. Nothing is written and done after it. */
  async leave(): Promise<void> {
    this.isOver = true;
    for (const node of this.alive) node.signal('SIGTERM');
    await this.isKept;
  }

  private get goesOn(): boolean {
    return !this.isOver && !this.stage.isClosed;
  }

  private async keep(number: number): Promise<void> {
    for (let life = 1, failed = 0; this.goesOn; life += 1) {
      try {
        const node = await this.boot(`node ${number}, life ${life}`);
        failed = 0;
        this.alive.add(node);
        if (!this.goesOn) node.signal('SIGTERM');
        await node.exited;
        this.alive.delete(node);
      } catch (error) {
        if (!this.goesOn) return;
        if ((failed += 1) === BOOTS_IN_A_ROW) throw error;
      }
    }
  }

  private async boot(name: string): Promise<NodeProcess> {
    return this.stage.boot(name, {
      stepTimeout: STEP_TIMEOUT_MS,
      // What strikes is no fault of the step that it strikes.
      crashLimit: 1_000,
      worker: { lease: LEASE_MS, concurrency: CONCURRENCY },
    });
  }
}
