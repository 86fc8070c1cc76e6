import type { ChildEnd } from './children.js';
import type { AttemptEnd } from './facts.js';
import type { AttemptRef, Entry, NodeRef } from './journal.js';
import { type SeenNode, type SeenSteps, childRuns, childUnwinds } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

type Message = Extract<Entry, { kind: 'message-received' }>;
type ChildEntry = Extract<Entry, { kind: 'child-chosen' | 'child-started' | 'child-recalled' | 'child-undoing' }>;
type Law = (holds: boolean, rule: string, broken: string) => void;

/** In the direction in which the saga goes, at a given time. */
interface Rest {
  readonly now: number;
  readonly unwinding: boolean;
  readonly wakeAt: number | null;
}

interface Heard {
  readonly attempt: AttemptRef;
  readonly end: AttemptEnd;
  readonly unwinding: boolean;
}

/** What a witness knows of child sagas: they are chosen, run, recalled and undone by entries, and end by their own word alone. [R31] */
export class ChildWitness {
  /** What children said, and nobody has taken. */
  private mail: Message[] = [];
  /** The ids of the children that attempts named, by attempt. */
  private readonly named = new Map<string, string>();

  constructor(private readonly law: Law) {}

  /** What is known of an attempt by this. One that names a child goes on, unless the saga unwinds: then nothing begins. [R14] */
  hear({ child }: SeenNode, { attempt, end, unwinding }: Heard): AttemptEnd | undefined {
    if (end.kind !== 'chose-child') return end;
    const key = keyOf(attempt);
    if (!this.named.has(key)) this.named.set(key, end.child.id);
    return unwinding && child === null ? NOTHING_BEGAN : undefined;
  }

  receive(message: Message): void {
    if (message.channel === 'child') this.mail.push(message);
  }

  read(node: SeenNode, entry: ChildEntry, unwinding: boolean): void {
    const { law } = this;
    const name = nameOf(node.ref);
    switch (entry.kind) {
      case 'child-chosen':
        law(node.step.child !== null && node.child === null, 'R31', `${name} chooses a child again, or runs none`);
        law(node.forward.open === entry.attempt && node.end === null, 'R31', `${name} chooses a child, and is not under way`);
        law(this.named.get(keyOf(entry)) === entry.child.id, 'R31', `${name} runs a child that its method did not name`);
        node.child = { id: entry.child.id, started: false, until: null, recalled: null, undoing: false, ended: false };
        return;
      case 'child-started': {
        const { child, forward, step } = node;
        law(child?.started === false && forward.open === entry.attempt, 'R31', `the child of ${name} starts again, or by nobody`);
        law(forward.ends.get(entry.attempt)?.kind === 'left-to-child', 'R31', `the child of ${name} is there, and nobody has seen it`);
        const timeoutMs = step.child?.timeoutMs ?? null;
        law(entry.until === (timeoutMs === null ? undefined : entry.at + timeoutMs), 'R31', `the child of ${name} has the wrong limit`);
        forward.open = null;
        return void (node.child = child && { ...child, started: true, until: entry.until ?? null });
      }
      case 'child-recalled': {
        const { child } = node;
        law(childRuns(node) && child?.recalled === null, 'R31', `the child of ${name} is recalled again, or does not run`);
        law(unwinding !== (entry.timedOut === true), 'R31', `the child of ${name} is recalled for the wrong reason`);
        const isLate = child !== null && child.until !== null && child.until <= entry.at;
        law(unwinding || isLate, 'R28', `the child of ${name} is recalled before its time`);
        return void (node.child = child && { ...child, recalled: unwinding ? 'unwinding' : 'late' });
      }
      case 'child-undoing': {
        const { child, undo } = node;
        law(child?.undoing === false && undo.open === entry.attempt, 'R31', `the child of ${name} unwinds again, or by nobody`);
        law(undo.ends.get(entry.attempt)?.kind === 'left-to-child', 'R31', `the child of ${name} unwinds, and nobody has told it to`);
        undo.open = null;
        return void (node.child = child && { ...child, undoing: true });
      }
    }
  }

  /** How the word of a child ends the step, or the step's compensation; null: it is no child's word that does. */
  endOf(node: SeenNode, entry: Extract<Entry, NodeRef>): SeenNode['end'] | 'compensated' {
    const name = nameOf(node.ref);
    if (entry.kind === 'attempt-started' || !('message' in entry) || entry.message === undefined) {
      const endsForward = entry.kind === 'step-succeeded' || entry.kind === 'step-failed' || entry.kind === 'step-unknown';
      this.law(!endsForward || !childRuns(node), 'R31', `${name} ends, and its child still runs`);
      this.law(entry.kind !== 'step-succeeded' || node.child === null, 'R31', `${name} succeeds, and its child said nothing`);
      return null;
    }
    const forward = entry.kind !== 'compensation-succeeded';
    const message = this.oldestFor(node, forward);
    this.law(message?.sequence === entry.message, 'R31', `${name} ends by message ${entry.message}, not by ${message?.sequence}`);
    this.law(forward ? node.end === null : childUnwinds(node), 'R31', `${name} ends by a child that is not waited for`);
    this.mail = this.mail.filter(({ sequence }) => sequence !== entry.message);
    if (!forward) return 'compensated';
    node.child = node.child && { ...node.child, ended: true };
    if (message) this.judge(node, entry, message.payload as unknown as ChildEnd);
    return entry.kind === 'step-succeeded' ? 'succeeded' : entry.kind === 'step-failed' ? 'failed' : 'unknown';
  }

  /** After a decision: nothing that a child has said, and no limit that is over, is passed over. */
  rest(steps: SeenSteps, { now, unwinding, wakeAt }: Rest): void {
    for (const node of steps.all) {
      const name = nameOf(node.ref);
      const waitedFor = (node.child !== null && node.end === null) || childUnwinds(node);
      this.law(!waitedFor || this.oldestFor(node, node.end === null) === undefined, 'R31', `${name} waits for a child that has ended`);
      if (!childRuns(node) || node.child?.recalled !== null) continue;
      const { until } = node.child;
      this.law(!unwinding, 'R31', `the saga unwinds, and does not recall the child of ${name}`);
      this.law(until === null || until > now, 'R28', `the time of the child of ${name} is over, and it is not recalled`);
      this.law(until === null || (wakeAt !== null && wakeAt <= until), 'R28', `it sleeps past the limit of the child of ${name}`);
    }
  }

  private judge(node: SeenNode, entry: Extract<Entry, NodeRef>, end: ChildEnd): void {
    const name = nameOf(node.ref);
    const { law } = this;
    if (end.status === 'completed') {
      const fits = JSON.stringify(end.results).length <= MAX_PAYLOAD;
      return law(entry.kind === (fits ? 'step-succeeded' : 'step-unknown'), 'R31', `the child of ${name} is completed: ${entry.kind}`);
    }
    law(entry.kind === 'step-failed', 'R31', `the child of ${name} is compensated: ${entry.kind}`);
    if (entry.kind !== 'step-failed') return;
    law(
      entry.refused === (end.failure.kind === 'rejected'),
      'R31',
      `the child of ${name} says whether it was refused, and ${name} otherwise`,
    );
    const isPassed = entry.refused && node.step.onRejected === 'continue';
    law((entry.passed === true) === isPassed, 'R9', `${name} is passed, and should not be, or the other way round`);
    law((entry.timedOut === true) === (node.child?.recalled === 'late'), 'R31', `${name} says wrongly whether its child's time was over`);
    node.passed = isPassed;
  }

  /** What counts for a node: whatever its child says first, and, once it is to be undone, that it is. */
  private oldestFor({ child }: SeenNode, forward: boolean): Message | undefined {
    return this.mail.find(
      ({ name, payload }) => name === child?.id && (forward || (payload as unknown as ChildEnd).status === 'compensated'),
    );
  }
}

const NOTHING_BEGAN: AttemptEnd = { kind: 'threw', error: { message: 'its child was not started' }, effect: 'none', retryable: false };

/** Of every random saga. */
const MAX_PAYLOAD = 1_000;

const keyOf = ({ step, item, attempt }: AttemptRef): string => `${step} ${item} ${attempt}`;
