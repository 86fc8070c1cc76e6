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

interface Details {
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly failure?: { readonly step?: string; readonly kind?: string; readonly code?: string; readonly message?: string };
  readonly why?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly items?: readonly unknown[];
  readonly refused?: boolean;
}

const MESSAGE_WIDTH = 70;
const UNDER_WAY = 'still under way';

/** The journal of a saga as lines to read: when, what, which attempt, how it ended. An attempt is one line, at the time of its begin. */
export function timeline(journal: readonly JournalEntry[]): string[] {
  const rows: Row[] = [];
  const open = new Map<string, Row>();
  const begin = Date.parse(journal[0]?.at ?? '');
  for (const entry of journal) {
    const afterMs = Date.parse(entry.at) - begin;
    const row = open.get(keyOf(entry));
    if (row && entry.kind !== 'attempt-started' && endsAttempt(entry)) {
      row.outcome = `${outcomeOf(entry)} (${duration(afterMs - row.afterMs)})`;
      open.delete(keyOf(entry));
      continue;
    }
    const added = rowOf(entry, afterMs);
    rows.push(added);
    if (entry.kind === 'attempt-started') open.set(keyOf(entry), added);
  }
  return layOut(rows);
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

function outcomeOf(entry: JournalEntry): string {
  const details: Details = typeof entry.details === 'object' && entry.details !== null ? entry.details : {};
  switch (entry.kind) {
    case 'step-fanned-out':
      return `fanned out${details.items ? ` to ${details.items.length} items` : ''}`;
    case 'step-failed':
      return `${details.refused === false ? 'failed' : 'refused'}${because(details.error)}`;
    case 'step-unknown':
      return `unknown${because(details.error)}`;
    case 'attempt-failed':
      return `failed, is tried again${because(details.error)}`;
    case 'attempt-interrupted':
      return details.why === 'stop' ? 'cut short: its node stopped' : 'cut short: its node died';
    case 'compensation-succeeded':
      return 'undone';
    case 'compensation-failed':
      return `not undone${because(details.error)}`;
    case 'cancel-requested':
      return `cancel asked for${details.reason ? `: ${shorten(details.reason)}` : ''}`;
    case 'unwinding-began':
      return `unwinds${because(details.failure)}`;
    case 'saga-stuck':
      return `stuck${because(details.failure)}`;
    case 'alert-raised':
      return `alert${details.message ? `: ${shorten(details.message)}` : ''}`;
    default:
      return `${entry.kind.replace(/^(saga|step|compensation|attempt)-/, '').replaceAll('-', ' ')}${details.why ? `: ${shorten(details.why)}` : ''}`;
  }
}

function because(error: Details['error']): string {
  if (!error) return '';
  const code = error.code && !error.message?.includes(error.code) ? `${error.code} ` : '';
  return `: ${shorten(`${code}${error.message ?? ''}`.trim())}`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > MESSAGE_WIDTH ? `${line.slice(0, MESSAGE_WIDTH - 1)}…` : line;
}

/** Such as 12 ms, 3.42 s. */
function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
