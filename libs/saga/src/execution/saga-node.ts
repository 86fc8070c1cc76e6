import { randomBytes } from 'node:crypto';

import type { SagaStore } from '../store/saga-store.js';
import type { HeartbeatResult } from '../store/saga-store.js';
import type { Observer } from './observation.js';
import type { SagaClock } from './saga-clock.js';

interface NodeListener {
  /** The lease was extended: compare what the database says with what is in memory. */
  onBeat(result: HeartbeatResult): void;
  /** The lease is over, or may be: nothing of this node counts any more. */
  onLeaseLost(): void;
}

/** Beats a lease. A third: two beats may be lost before it runs out. */
const BEATS_PER_LEASE = 3;
/** Of the lease: a node stops this much before others may take its sagas. */
const MARGIN = 0.1;

/** This process as an owner of sagas: an id, new with each boot and each lost lease, and a lease that it extends. [R18] */
export class SagaNode {
  private nodeId: string | undefined;
  private beating: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private beatUnderWay = false;
  private hasLeft = false;
  /** Of `performance.now()`: until then the lease surely holds. */
  private safeUntil = 0;

  constructor(
    private readonly store: SagaStore,
    private readonly clock: SagaClock,
    private readonly leaseMs: number,
    private readonly listener: NodeListener,
    private readonly observe: Observer,
  ) {}

  /** Undefined while it has no lease. */
  get id(): string | undefined {
    return this.isSafe() ? this.nodeId : undefined;
  }

  /** By the monotonic clock: a process that was frozen knows it as soon as it runs again. [R22] */
  isSafe(): boolean {
    return this.nodeId !== undefined && performance.now() < this.safeUntil;
  }

  /** Takes a lease, and keeps it. Throws where the store cannot be reached. */
  async join(): Promise<void> {
    await this.register();
    this.beating = setInterval(() => void this.beat(), this.leaseMs / BEATS_PER_LEASE);
  }

  /** Gives up the lease, and all sagas with it. */
  async leave(): Promise<void> {
    this.hasLeft = true;
    clearInterval(this.beating);
    clearTimeout(this.expiry);
    const id = this.nodeId;
    this.nodeId = undefined;
    if (id === undefined) return;
    // Without it the lease runs out by itself: a database that is away must not hold up the end of the process.
    await this.store
      .removeNode(id)
      .catch((error: unknown) => this.observe({ kind: 'store-unavailable', doing: 'give back its sagas', error }));
  }

  private async register(): Promise<void> {
    const asked = performance.now();
    // Short: it stands in the row of each saga that the node owns.
    const id = randomBytes(12).toString('base64url');
    await this.store.registerNode(id, this.leaseMs);
    if (this.hasLeft) return this.store.removeNode(id);
    this.nodeId = id;
    this.extend(asked);
  }

  private async beat(): Promise<void> {
    // Also while an earlier beat is still unanswered: that is when a lease runs out.
    this.loseIfOver();
    if (this.beatUnderWay) return;
    this.beatUnderWay = true;
    try {
      if (this.nodeId === undefined) await this.register();
      else await this.extendLease(this.nodeId);
    } catch (error) {
      this.observe({ kind: 'store-unavailable', doing: 'extend the lease of this node', error });
    } finally {
      this.beatUnderWay = false;
    }
  }

  private async extendLease(id: string): Promise<void> {
    const asked = performance.now();
    const result = await this.store.heartbeat(id, this.leaseMs);
    if (id !== this.nodeId) return;
    if (!result.alive) return this.lose();
    this.clock.sync(result.now, asked);
    this.extend(asked);
    this.listener.onBeat(result);
  }

  private extend(asked: number): void {
    this.safeUntil = asked + this.leaseMs * (1 - MARGIN);
    clearTimeout(this.expiry);
    // Not with the next beat: what runs is to be aborted before others may take it up.
    this.expiry = setTimeout(() => this.loseIfOver(), Math.ceil(this.safeUntil - performance.now()) + 1);
  }

  private loseIfOver(): void {
    if (!this.isSafe()) this.lose();
  }

  private lose(): void {
    if (this.nodeId === undefined) return;
    this.observe({ kind: 'lease-lost', nodeId: this.nodeId });
    this.nodeId = undefined;
    this.listener.onLeaseLost();
  }
}
