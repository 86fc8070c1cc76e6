import { JournalFault } from './journal-fault.js';
import type { AttemptRef, Entry, NodeEntry } from './journal.js';
import type { Changing, Tries } from './state.js';

/** What an entry changes in the count of attempts, in either direction. */
export function countTries(tries: Changing<Tries>, entry: NodeEntry): void {
  const { open, attempts, round } = tries;
  if ('by' in entry && open !== null) throw new JournalFault(entry, `comes while attempt ${open.attempt} is under way`);
  if (entry.kind === 'attempt-started') return openAttempt(tries, entry);
  if (entry.kind === 'child-chosen') return requireOpen(tries, entry);
  if (endsAttempt(entry)) requireOpen(tries, entry);
  tries.open = null;
  tries.dueAt = null;
  switch (entry.kind) {
    case 'attempt-failed':
      tries.failures += 1;
      tries.error = entry.error;
      tries.dueAt = entry.retryAt;
      return;
    case 'attempt-deferred':
      // It was answered: what failed, and how long it took, counts no more.
      tries.dueAt = entry.askAt;
      tries.deferredAt ??= entry.at;
      return forgetFailures(tries);
    case 'attempt-interrupted':
      if (entry.why === 'crash') tries.crashes += 1;
      return;
    case 'step-reopened':
    case 'compensation-reopened':
      if (entry.round !== round + 1) throw new JournalFault(entry, `begins round ${entry.round} after round ${round}`);
      tries.round = entry.round;
      tries.earlierAttempts = attempts;
      tries.deferredAt = null;
      return forgetFailures(tries);
    default:
  }
}

function openAttempt(tries: Changing<Tries>, entry: Extract<NodeEntry, { kind: 'attempt-started' }>): void {
  if (tries.open !== null || entry.attempt !== tries.attempts + 1)
    throw new JournalFault(entry, `comes after ${tries.attempts} attempts${tries.open ? ', one of them under way' : ''}`);
  tries.attempts = entry.attempt;
  tries.firstStartedAt ??= entry.at;
  tries.roundStartedAt ??= entry.at;
  tries.open = { attempt: entry.attempt, startedAt: entry.at };
  tries.dueAt = null;
}

function forgetFailures(tries: Changing<Tries>): void {
  tries.failures = 0;
  tries.crashes = 0;
  tries.roundStartedAt = null;
}

type AttemptEndEntry = Extract<NodeEntry, AttemptRef>;

const ENDS: ReadonlySet<string> = new Set<AttemptEndEntry['kind']>([
  'attempt-failed',
  'attempt-deferred',
  'attempt-interrupted',
  'child-started',
  'child-undoing',
]);

const endsAttempt = (entry: NodeEntry): entry is AttemptEndEntry => ENDS.has(entry.kind);

function requireOpen(tried: Tries, entry: AttemptRef & Entry): void {
  if (tried.open?.attempt !== entry.attempt) throw new JournalFault(entry, `ends attempt ${entry.attempt}, which is not under way`);
}
