import { after } from './timers.js';

/** What the lane needs of its node. */
export interface LaneNode {
  /** Nothing is under way on this node, and nothing that was decided on may still begin. */
  isQuiet(): boolean;
  /** All runs decide again: what they may begin has changed. */
  lookAgain(): void;
}

/** A run that may want its node for itself. */
export interface LaneRun {
  /** It decides again. */
  lookAgain(): void;
}

/** How long the attempts of others are waited for. What takes longer runs beside it. [R32] */
export const EMPTIED_WITHIN_MS = 5_000;
/** From then on the others go on beside it: nothing that one saga does may stop them. [R32] */
export const HELD_AT_MOST_MS = 10_000;
/** Who wants to be alone waits longer, beyond the timeout of a step and the time until it is abandoned, but not for ever. */
export const ALONE_AT_MOST_MS = 120_000;
/**
 * Between two who want to be alone the others have as long as the first one had, so that they begin something however many want it; and
 * no longer than this, so that hundreds of short attempts, which a node that died had under way, are soon through.
 */
export const BETWEEN_TURNS_MS = 100;

/**
 * emptying: nothing begins, and what is under way ends. offered: the node is empty. taken: the attempt runs alone.
 * outlasted: it still runs, and the others go on beside it.
 */
type Phase = 'emptying' | 'offered' | 'taken' | 'outlasted';

/**
 * The lane of one: an attempt that has crashed its node before has the node for itself, so that it takes no bystander with
 * it. One a node, in the order of asking. [R21]
 */
export class Lane {
  private readonly waiting = new Set<LaneRun>();
  private holder: LaneRun | undefined;
  private phase: Phase = 'emptying';
  private heldSince = 0;
  private stopTimers: (() => void)[] = [];
  private isPausing = false;

  constructor(private readonly node: LaneNode) {}

  /** Another has the node for itself, or is about to: this one begins nothing. */
  holdsBack(run: LaneRun): boolean {
    return this.isHeld && !this.isFor(run);
  }

  /** It may begin now what must be alone. */
  isFor(run: LaneRun): boolean {
    return this.holder === run && this.phase === 'offered';
  }

  /** Nothing begins on this node, whoever comes. */
  get isHeld(): boolean {
    return this.holder !== undefined && this.phase !== 'outlasted';
  }

  /** After each turn of each run: what it wants, and whether it has under way what must be alone. */
  turnTaken(run: LaneRun, { wantsAlone, isAlone }: { readonly wantsAlone: boolean; readonly isAlone: boolean }): void {
    if (this.holder === run) this.goOnWith(run, wantsAlone, isAlone);
    else if (wantsAlone) this.ask(run);
    else this.waiting.delete(run);
    this.look();
  }

  /** The run is over. */
  leave(run: LaneRun): void {
    this.waiting.delete(run);
    if (this.holder === run) this.free();
    this.look();
  }

  /** Something has ended: the node may be empty now. */
  look(): void {
    if (this.holder !== undefined && this.phase === 'emptying' && this.node.isQuiet()) this.offer();
  }

  private goOnWith(run: LaneRun, wantsAlone: boolean, isAlone: boolean): void {
    if (this.phase === 'emptying' ? wantsAlone : isAlone) {
      if (this.phase === 'offered') this.phase = 'taken';
      return;
    }
    this.free();
    if (wantsAlone) this.ask(run);
  }

  private ask(run: LaneRun): void {
    this.waiting.add(run);
    if (this.holder === undefined && !this.isPausing) this.grantNext();
  }

  private grantNext(): void {
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    this.holder = next;
    this.phase = 'emptying';
    this.heldSince = performance.now();
    this.stopTimers = [after(EMPTIED_WITHIN_MS, () => this.offer()), after(HELD_AT_MOST_MS, () => this.outlast())];
    this.look();
  }

  private offer(): void {
    if (this.phase !== 'emptying') return;
    this.phase = 'offered';
    this.holder?.lookAgain();
  }

  private outlast(): void {
    this.phase = 'outlasted';
    this.stopTimers = [after(ALONE_AT_MOST_MS - HELD_AT_MOST_MS, () => this.free())];
    this.node.lookAgain();
  }

  private free(): void {
    for (const stop of this.stopTimers.splice(0)) stop();
    this.holder = undefined;
    this.isPausing = true;
    after(Math.min(performance.now() - this.heldSince, BETWEEN_TURNS_MS), () => {
      this.isPausing = false;
      this.grantNext();
    });
    this.node.lookAgain();
  }
}
