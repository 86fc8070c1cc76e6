import { JournalFault } from './journal-fault.js';
import type { AttemptRef, Entry, NodeEntry } from './journal.js';
import type { Tries } from './state.js';

const CLOSED: Partial<Tries> = { open: null, dueAt: null };

/** What an entry changes in the count of attempts, in either direction. */
export function triesAfter(before: Tries, entry: NodeEntry): Partial<Tries> {
  const { attempts, failures, crashes, round, firstStartedAt, roundStartedAt } = before;
  if ('by' in entry && before.open !== null) throw new JournalFault(entry, `comes while attempt ${before.open.attempt} is under way`);
  switch (entry.kind) {
    case 'attempt-started':
      if (before.open !== null || entry.attempt !== attempts + 1)
        throw new JournalFault(entry, `comes after ${attempts} attempts${before.open ? ', one of them under way' : ''}`);
      return {
        attempts: entry.attempt,
        firstStartedAt: firstStartedAt ?? entry.at,
        roundStartedAt: roundStartedAt ?? entry.at,
        open: { attempt: entry.attempt, startedAt: entry.at },
        dueAt: null,
      };
    case 'attempt-failed':
      requireOpen(before, entry);
      return { open: null, failures: failures + 1, error: entry.error, dueAt: entry.retryAt };
    case 'attempt-deferred':
      // It was answered: what failed, and how long it took, counts no more.
      requireOpen(before, entry);
      return {
        open: null,
        dueAt: entry.askAt,
        failures: 0,
        crashes: 0,
        roundStartedAt: null,
        deferredAt: before.deferredAt ?? entry.at,
      };
    case 'child-chosen':
      requireOpen(before, entry);
      return {};
    case 'child-started':
    case 'child-undoing':
      requireOpen(before, entry);
      return CLOSED;
    case 'attempt-interrupted':
      requireOpen(before, entry);
      return { ...CLOSED, crashes: crashes + (entry.why === 'crash' ? 1 : 0) };
    case 'step-reopened':
    case 'compensation-reopened':
      if (entry.round !== round + 1) throw new JournalFault(entry, `begins round ${entry.round} after round ${round}`);
      return { ...CLOSED, round: entry.round, earlierAttempts: attempts, failures: 0, crashes: 0, roundStartedAt: null, deferredAt: null };
    default:
      return CLOSED;
  }
}

function requireOpen(tried: Tries, entry: AttemptRef & Entry): void {
  if (tried.open?.attempt !== entry.attempt) throw new JournalFault(entry, `ends attempt ${entry.attempt}, which is not under way`);
}
