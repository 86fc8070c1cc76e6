import type { SagaFault } from '../saga-definition.error.js';
import type { StepNode } from '../step-graph.js';
import { fault, type Subject } from './subject.js';

/** One point of no return, and every step on one side of it. [R11] */
export function* checkPivot(subject: Subject): Iterable<SagaFault> {
  const { steps, pivot } = subject.graph;
  for (const { name, kind } of steps) {
    if (kind === 'pivot' && name !== pivot) {
      yield fault(
        subject,
        `is a second pivot; ${pivot} is one already. A saga has one point of no return: give one of them another kind.`,
        name,
      );
    }
  }
  for (const step of steps) {
    yield* checkPosition(subject, step);
    if (step.metadata.options.kind === 'pivot') yield* checkPivotOptions(subject, step);
  }
}

function* checkPosition(subject: Subject, { name, position, kind, metadata }: StepNode): Iterable<SagaFault> {
  const { pivot } = subject.graph;
  if (position === 'beside') {
    yield fault(
      subject,
      `is neither before the pivot ${pivot} nor after it. Add after: '${pivot}', or name it in the after of ${pivot}.`,
      name,
    );
  }
  if (position === 'after' && kind === 'compensatable') {
    yield fault(
      subject,
      `is compensatable, but comes after the pivot ${pivot}, and nothing is undone past it. Make it retriable, or move it before.`,
      name,
    );
  }
  if (position === 'before' && kind === 'retriable') {
    const mend = pivot === undefined ? "Mark one: @SagaStep({ kind: 'pivot' })." : `Add after: '${pivot}', or give it another kind.`;
    yield fault(subject, `is retriable, but no pivot stands before it. ${mend}`, name);
  }
  if (position === 'after' && metadata.via !== 'call' && failsByTimeout(metadata.options)) {
    yield fault(
      subject,
      `fails on timeout, but comes after the pivot ${pivot}, where nothing may fail. Add onTimeout: 'continue', or remove timeout.`,
      name,
    );
  }
}

function* checkPivotOptions(subject: Subject, { name, metadata }: StepNode): Iterable<SagaFault> {
  if (metadata.via !== 'call') return;
  if (metadata.options.each !== undefined)
    yield fault(subject, 'is the pivot and fans out: there would be a point of no return for each item. Remove each.', name);
  if (metadata.options.onRejected === 'continue') {
    yield fault(
      subject,
      "is the pivot with onRejected: 'continue': refused, the saga could neither go on nor be undone. Remove onRejected.",
      name,
    );
  }
}

const failsByTimeout = ({ timeout, onTimeout }: { timeout?: unknown; onTimeout?: string }): boolean =>
  onTimeout === 'fail' || (onTimeout === undefined && timeout !== undefined);
