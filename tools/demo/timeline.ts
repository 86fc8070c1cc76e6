import { detailsOf, outcomeOf } from './entry-outcome.js';
import type { JournalEntry } from './order-api.js';

interface Row {
  /** Milliseconds since the first entry. */
  readonly afterMs: number;
  /** Forward, undoing, or about the saga as a whole. */
  readonly direction: '→' | '←' | ' ';
  readonly what: string;
  readonly attempt?: number | undefined;
  outcome: string;
}

const UNDER_WAY = 'still under way';

/** The journal of a saga as lines to read: when, what, which attempt, how it ended. An attempt is one line, at the time of its begin. */
export function timeline(journal: readonly JournalEntry[]): string[] {
  const rows: Row[] = [];
  const open = new Map<string, Row>();
  const begin = Date.parse(journal[0]?.at ?? '');
  for (const [entry, ...others] of runsOf(journal.filter((one) => !isOfChild(one)))) {
    const afterMs = Date.parse(entry.at) - begin;
    const row = open.get(keyOf(entry));
    if (row && entry.kind !== 'attempt-started' && endsAttempt(entry)) {
      row.outcome = `${outcomeOf(entry)} (${duration(afterMs - row.afterMs)})`;
      open.delete(keyOf(entry));
      continue;
    }
    const added = others.length > 0 ? skippedRow([entry, ...others], afterMs) : rowOf(entry, afterMs);
    rows.push(added);
    if (entry.kind === 'attempt-started') open.set(keyOf(entry), added);
  }
  return layOut(rows);
}

/** What a step hears of its child saga stands in the line of its attempt: how it ended, and how long it took. */
function isOfChild(entry: JournalEntry): boolean {
  const { kind } = entry;
  return /^child-(chosen|started|undoing)$/.test(kind) || (kind === 'message-received' && detailsOf(entry).channel === 'child');
}

function rowOf(entry: JournalEntry, afterMs: number): Row {
  const direction = entry.step === undefined ? ' ' : directionOf(entry) === 'forward' ? '→' : '←';
  return {
    afterMs,
    direction,
    what: nameOf(entry),
    attempt: entry.attempt,
    outcome: entry.kind === 'attempt-started' ? UNDER_WAY : outcomeOf(entry),
  };
}

function skippedRow(entries: readonly JournalEntry[], afterMs: number): Row {
  return { afterMs, direction: '→', what: `${entries.length} steps`, outcome: `skipped: ${entries.map(nameOf).join(', ')}` };
}

/** Each entry alone, but steps that were skipped together for one reason: six lines of them would hide what happened. */
function runsOf(journal: readonly JournalEntry[]): [JournalEntry, ...JournalEntry[]][] {
  const runs: [JournalEntry, ...JournalEntry[]][] = [];
  for (const entry of journal) {
    const run = runs.at(-1);
    const goesOn = run?.[0].kind === 'step-skipped' && entry.kind === 'step-skipped' && detailsOf(run[0]).why === detailsOf(entry).why;
    if (goesOn) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

function layOut(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(({ what }) => what.length));
  return rows.map(({ afterMs, direction, what, attempt, outcome }) => {
    const tried = attempt === undefined ? '' : `attempt ${attempt}`;
    return `${`+${duration(afterMs)}`.padStart(9)}  ${direction} ${what.padEnd(width)}  ${tried.padEnd(10)}  ${outcome}`.trimEnd();
  });
}

/** Entries that end a step or a compensation carry no attempt: they end the one that is open. */
function endsAttempt({ kind }: JournalEntry): boolean {
  return /^(attempt-failed|attempt-interrupted|step-succeeded|step-failed|step-unknown|compensation-succeeded|compensation-failed)$/.test(
    kind,
  );
}

function directionOf({ direction, kind }: JournalEntry): 'forward' | 'compensation' {
  return direction ?? (kind.startsWith('compensation-') ? 'compensation' : 'forward');
}

function keyOf(entry: JournalEntry): string {
  return `${directionOf(entry)} ${entry.step ?? ''} ${entry.item ?? ''}`;
}

function nameOf({ step, item }: JournalEntry): string {
  return step === undefined ? 'saga' : item === undefined ? step : `${step}[${item}]`;
}

/** Such as 12 ms, 3.42 s. */
function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
