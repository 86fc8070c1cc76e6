import { EmptiedMap } from './emptied-map.js';
import type { Over } from './run-host.js';
import type { SagaRun } from './saga-run.js';

/**
 * The places that sagas have in the memory of this node, `limit` at most. What comes and finds none waits in the database for whoever has one:
 * a start is recorded unowned, and a claimed saga given back. [R34]
 */
export class Places {
  private readonly taken = new EmptiedMap<SagaRun>();
  /** About to be born here. */
  private readonly arriving = new Set<string>();
  /** Not in memory, though the last heartbeat's answer says that this node owns it. Most have ended while that answer was on its way. */
  private noticed = new Set<string>();
  /** Owned by this node, and not in memory for sure. Each keeps a place: without one, a node whose checkpoints fail would own ever more. */
  private lost = new Map<string, 'waiting' | 'returning'>();

  constructor(private readonly limit: number) {}

  /** Sagas in memory. */
  get size(): number {
    return this.taken.size;
  }

  /** Nothing is in memory, or on its way there. */
  get isEmpty(): boolean {
    return this.inUse === 0;
  }

  /** Places that nobody has or keeps. */
  get free(): number {
    return Math.max(0, this.limit - this.inUse - this.lost.size);
  }

  get runs(): readonly SagaRun[] {
    return this.taken.values();
  }

  /** Nothing is about to be born, and nothing in memory has something under way. */
  get isQuiet(): boolean {
    return this.arriving.size === 0 && this.runs.every((run) => run.isQuiet);
  }

  run(sagaId: string): SagaRun | undefined {
    return this.taken.get(sagaId);
  }

  hasOneFor(sagaId: string): boolean {
    return this.lost.has(sagaId) ? this.inUse < this.limit : this.free > 0;
  }

  /** For a saga that is about to be born here: the heartbeat must not take it for a lost one. */
  hold(sagaId: string): void {
    this.arriving.add(sagaId);
  }

  /** It was not born here, or is in memory. */
  unhold(sagaId: string): void {
    this.arriving.delete(sagaId);
  }

  enter(run: SagaRun): void {
    this.arriving.delete(run.id);
    this.noticed.delete(run.id);
    this.lost.delete(run.id);
    this.taken.set(run.id, run);
  }

  leave(run: SagaRun, how: Over['how']): void {
    if (this.taken.get(run.id) !== run) return;
    this.taken.delete(run.id);
    if (how === 'given-up') this.lost.set(run.id, 'waiting');
  }

  /**
   * Told by each heartbeat: the sagas that this node owns and that are not in memory. A claim or a release may be under way: only what is
   * missing twice, or was given up here, is lost.
   *
   * @returns those to be taken up again; each is told of once, until `stayedAway`
   */
  missed(sagaIds: readonly string[]): readonly string[] {
    const owned = sagaIds.filter((id) => !this.arriving.has(id));
    const found = owned.filter((id) => this.noticed.has(id) || this.lost.get(id) === 'waiting');
    this.lost = new Map(owned.filter((id) => this.noticed.has(id) || this.lost.has(id)).map((id) => [id, 'returning']));
    this.noticed = new Set(owned.filter((id) => !this.lost.has(id)));
    return found;
  }

  /** It could not be taken up: the next heartbeat tells of it again. */
  stayedAway(sagaId: string): void {
    if (this.lost.has(sagaId)) this.lost.set(sagaId, 'waiting');
  }

  /** The lease is over: they are others'. */
  forgetLost(): void {
    this.noticed.clear();
    this.lost.clear();
  }

  private get inUse(): number {
    return this.taken.size + this.arriving.size;
  }
}
