import { JournalFault } from './journal-fault.js';
import type { Entry } from './journal.js';
import type { ChildState } from './state.js';

type ChildEntry = Extract<Entry, { kind: 'child-chosen' | 'child-started' | 'child-recalled' }>;

/** What an entry tells of the child of a step. */
export function childAfter(child: ChildState | null, entry: ChildEntry): ChildState {
  if (entry.kind === 'child-chosen') {
    if (child !== null) throw new JournalFault(entry, `chooses a child, and ${child.choice.id} is chosen`);
    return { choice: entry.child, started: false, until: null, recalled: false, timedOut: false, undoing: false, ended: false };
  }
  if (child === null) throw new JournalFault(entry, 'tells of a child, and none is chosen');
  if (entry.kind === 'child-started') return { ...child, started: true, until: entry.until ?? null };
  return { ...child, recalled: true, timedOut: entry.timedOut ?? false };
}

/** @param message by which a child that has ended ends its step */
export const childAtEnd = (child: ChildState | null, message: number | undefined): ChildState | null =>
  child !== null && message !== undefined ? { ...child, ended: true } : child;
