import type { JournalEntry } from './order-api.js';

interface Details {
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly failure?: { readonly step?: string; readonly kind?: string; readonly code?: string; readonly message?: string };
  readonly why?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly items?: readonly unknown[];
  readonly refused?: boolean;
  readonly wait?: { readonly channel: string; readonly name: string };
  readonly channel?: string;
  readonly name?: string;
}

const MESSAGE_WIDTH = 70;

/** What a journal entry says of how something ended, in a few words. */
export function outcomeOf(entry: JournalEntry): string {
  const details = detailsOf(entry);
  switch (entry.kind) {
    case 'step-fanned-out':
      return `fanned out${details.items ? ` to ${details.items.length} ${details.items.length === 1 ? 'item' : 'items'}` : ''}`;
    case 'step-waits':
      return `waits for ${details.wait?.channel ?? ''} ${details.wait?.name ?? ''}`.trimEnd();
    case 'message-received':
      return `${details.channel ?? 'message'} ${details.name ?? ''} came`;
    case 'child-recalled':
      return `its saga is told to unwind${details.why ? `: ${shorten(details.why)}` : ''}`;
    case 'step-failed':
      return `${details.refused === false ? 'failed' : 'refused'}${because(details.error)}`;
    case 'step-unknown':
      return `unknown${because(details.error)}`;
    case 'attempt-failed':
      return `failed, is tried again${because(details.error)}`;
    case 'attempt-interrupted':
      return details.why === 'crash' ? 'cut short: its node died' : 'cut short: its node stopped, or lost track of it';
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

/** What stands in an entry beside its place. */
export function detailsOf({ details }: JournalEntry): Details {
  return typeof details === 'object' && details !== null ? details : {};
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
