/** The nodes that are there, and until when each may own sagas. */
export class NodeLeases {
  private readonly until = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  register(nodeId: string, leaseMs: number): void {
    this.until.set(nodeId, this.now() + leaseMs);
  }

  /** Whether the lease still ran, and so was extended: one that ran out is never extended again. [R18] */
  extend(nodeId: string, leaseMs: number): boolean {
    if (!this.isAlive(nodeId)) return false;
    this.register(nodeId, leaseMs);
    return true;
  }

  /** A node that is not there is not alive. */
  isAlive(nodeId: string): boolean {
    return (this.until.get(nodeId) ?? -Infinity) > this.now();
  }

  remove(nodeId: string): void {
    this.until.delete(nodeId);
  }

  removeExpired(): void {
    for (const nodeId of this.until.keys()) {
      if (!this.isAlive(nodeId)) this.remove(nodeId);
    }
  }

  has(nodeId: string): boolean {
    return this.until.has(nodeId);
  }
}
