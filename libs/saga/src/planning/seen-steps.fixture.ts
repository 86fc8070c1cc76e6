import type { Definition, StepDefinition } from './definition.js';
import type { AttemptEnd } from './facts.js';
import type { Effect, NodeRef, Wait } from './journal.js';
import { nameOf } from './transcript.fixture.js';

/** What a witness saw of the attempts in one direction. */
export interface SeenTries {
  attempts: number;
  open: number | null;
  failures: number;
  crashes: number;
  dueAt: number;
  firstAt: number | null;
  /** Its participant first said that it answers later, in this round. */
  deferredAt: number | null;
  /** What was learned of each attempt first: that decides. */
  readonly ends: Map<number, AttemptEnd>;
  round: number;
  /** Of earlier rounds. */
  before: number;
}

/** What a witness saw of the child saga of a step. */
export interface SeenChild {
  readonly id: string;
  readonly started: boolean;
  readonly until: number | null;
  /** Why, forward. */
  readonly recalled: 'late' | 'unwinding' | null;
  readonly undoing: boolean;
  /** By its word its step ended. */
  readonly ended: boolean;
}

/** What a witness saw of a step, or of an item. */
export interface SeenNode {
  readonly ref: NodeRef;
  readonly step: StepDefinition;
  readonly forward: SeenTries;
  readonly undo: SeenTries;
  end: 'succeeded' | 'failed' | 'unknown' | 'skipped' | null;
  passed: boolean;
  delayed: boolean;
  /** What it waits for, and until when. */
  waits: Wait | null;
  /** It took a message that it had waited for. */
  heard: boolean;
  /** The one of this round. */
  child: SeenChild | null;
  quietUntil: number;
  /** Refusals, and what was said of their effect. */
  readonly vouched: Set<Effect>;
  undone: 'compensated' | 'failed' | 'skipped' | 'resolved' | null;
  /** It was unknown before an operator saw to it. */
  wasUnknown: boolean;
}

/** Of any random saga, in milliseconds. */
const LONGEST_PAUSE = 11_000;

/** The steps of a saga, as a witness sees them. */
export class SeenSteps {
  all: readonly SeenNode[] = [];
  private readonly nodes = new Map<string, readonly SeenNode[]>();
  private readonly fannedOut = new Set<string>();
  private readonly below = new Map<string, readonly StepDefinition[]>();

  constructor(private readonly definition: Definition) {
    for (const step of definition.steps) this.nodes.set(step.name, [unseen(step, { step: step.name })]);
    for (const step of definition.steps) this.below.set(step.name, this.dependentsOf(step.name));
    this.all = [...this.nodes.values()].flat();
  }

  fanOut(step: StepDefinition, items: number): void {
    this.fannedOut.add(step.name);
    this.nodes.set(
      step.name,
      Array.from({ length: items }, (_, item) => unseen(step, { step: step.name, item })),
    );
    this.all = [...this.nodes.values()].flat();
  }

  find({ step, item = 0 }: NodeRef): SeenNode | undefined {
    return this.nodes.get(step)?.[item];
  }

  get(ref: NodeRef): SeenNode {
    const node = this.find(ref);
    if (node === undefined) throw new Error(`the journal names ${nameOf(ref)}, which the saga does not have`);
    return node;
  }

  step(name: string): StepDefinition {
    const found = this.definition.steps.find((step) => step.name === name);
    if (found === undefined) throw new Error(`the journal names ${name}, which the saga does not have`);
    return found;
  }

  isDone(name: string): boolean {
    return (this.nodes.get(name) ?? []).every(({ end, passed }) => end === 'succeeded' || end === 'skipped' || passed);
  }

  isReached({ after }: StepDefinition): boolean {
    return after.every((name) => this.isDone(name));
  }

  hasFannedOut({ name }: StepDefinition): boolean {
    return this.fannedOut.has(name);
  }

  hasFreeSlot({ name, concurrency }: StepDefinition): boolean {
    return (this.nodes.get(name) ?? []).filter(isOpen).length < concurrency;
  }

  /** Nothing that depends on it, directly or not, owes anything. */
  isFree({ name }: StepDefinition): boolean {
    return (this.below.get(name) ?? []).every((dependent) => !(this.nodes.get(dependent.name) ?? []).some(owes));
  }

  /** It is tried without limit: past the pivot, or the pivot itself once it may have had an effect. */
  goesOnlyForward({ step, ...node }: SeenNode): boolean {
    const pivot = this.definition.steps.find(({ kind }) => kind === 'pivot');
    if (pivot === undefined) return false;
    if (step === pivot) return pivot.idempotent && effectOf({ step, ...node }) === 'possible';
    return this.below.get(pivot.name)?.includes(step) === true;
  }

  /** When an attempt at a node may begin, in the direction in which the saga goes; null: not by the passing of time. */
  dueAt(node: SeenNode, unwinding: boolean): number | null {
    const { forward, undo, step } = node;
    if (isOpen(node) || !this.hasFreeSlot(step)) return null;
    if (!unwinding) {
      if (node.waits) return node.waits.until;
      const reached = forward.attempts > 0 || node.delayed || this.hasFannedOut(step) || this.isReached(step);
      return node.end === null && reached && forward.crashes < this.definition.crashLimit ? forward.dueAt : null;
    }
    const mayBeUndone = owes(node) && node.undone === null && undo.crashes < this.definition.crashLimit;
    return mayBeUndone && this.isFree(step) ? Math.max(undo.dueAt, node.quietUntil) : null;
  }

  /** Whether the policy allows one more attempt. */
  mayGoOn(node: SeenNode, forward: boolean): boolean {
    const retry = forward ? node.step.retry : node.step.compensation?.retry;
    if (forward && this.goesOnlyForward(node)) return true;
    return (forward ? node.forward : node.undo).failures < (retry?.attempts ?? 0);
  }

  /** It threw, and nobody tries again, though the policy would. A limit in time counts from the pause before which it is reached. */
  isGivenUpEarly(node: SeenNode, at: number): boolean {
    const { open, ends, failures, firstAt } = node.forward;
    const end = open === null ? undefined : ends.get(open);
    if (end?.kind !== 'threw' || !end.retryable || node.vouched.size > 0) return false;
    if (this.goesOnlyForward(node)) return true;
    const { attempts, withinMs } = node.step.retry;
    return failures + 1 < attempts && at + LONGEST_PAUSE - (firstAt ?? at) <= withinMs;
  }

  private dependentsOf(name: string): readonly StepDefinition[] {
    const direct = this.definition.steps.filter(({ after }) => after.includes(name));
    return [...new Set([...direct, ...direct.flatMap((step) => this.dependentsOf(step.name))])];
  }
}

/** An attempt is under way, or a child is. */
export const isOpen = (node: SeenNode): boolean =>
  node.forward.open !== null || node.undo.open !== null || childRuns(node) || childUnwinds(node);

/** Its end is the end of the step. */
export const childRuns = ({ child, end, forward }: SeenNode): boolean => child?.started === true && end === null && forward.open === null;

/** Its end is the end of the step's compensation. */
export const childUnwinds = ({ child, undone, undo }: SeenNode): boolean =>
  child?.undoing === true && undone === null && undo.open === null;

/** In the direction in which the saga goes. */
export const mustBeAlone = ({ forward, undo }: SeenNode, unwinding: boolean): boolean => (unwinding ? undo : forward).crashes >= 2;

export const isFailure = ({ end, passed }: SeenNode): boolean => end === 'unknown' || (end === 'failed' && !passed);

export function owes(node: SeenNode): boolean {
  const { forward, step, end, undone } = node;
  if (forward.open !== null || childRuns(node)) return true;
  if (step.compensation === null || (end !== 'succeeded' && end !== 'unknown')) return false;
  return undone === null || undone === 'failed';
}

/** Summed over all attempts. A refusal says of itself that it had none. */
export function effectOf({ forward, step, wasUnknown }: SeenNode): Effect {
  const possible =
    wasUnknown ||
    [...forward.ends].some(
      ([attempt, end]) =>
        attempt <= forward.attempts &&
        (end.kind === 'deferred' ||
          (end.kind === 'threw' && end.effect === 'possible') ||
          (end.kind === 'interrupted' && !step.transactional)),
    );
  return possible ? 'possible' : 'none';
}

/** Nobody undid what it did, or may have done. */
export const isLeft = (node: SeenNode): boolean =>
  node.undone === 'skipped' || (node.end === 'skipped' && node.step.compensation !== null && effectOf(node) === 'possible');

export function learn({ ends }: SeenTries, attempt: number | null, end: AttemptEnd): void {
  if (attempt !== null && !ends.has(attempt)) ends.set(attempt, end);
}

const untried = (): SeenTries => ({
  attempts: 0,
  open: null,
  failures: 0,
  crashes: 0,
  dueAt: 0,
  firstAt: null,
  deferredAt: null,
  ends: new Map(),
  round: 1,
  before: 0,
});

const unseen = (step: StepDefinition, ref: NodeRef): SeenNode => ({
  ref,
  step,
  forward: untried(),
  undo: untried(),
  end: null,
  passed: false,
  delayed: false,
  waits: null,
  heard: false,
  child: null,
  quietUntil: 0,
  vouched: new Set(),
  undone: null,
  wasUnknown: false,
});
