import type { JournalEntry } from './order-api.js';
import { timeline } from './timeline.js';

const BEGIN = Date.parse('2025-03-01T10:00:00.000Z');

/** A journal of entries, each with the milliseconds since the begin. */
function journal(...entries: readonly [number, Omit<JournalEntry, 'sequence' | 'at'>][]): JournalEntry[] {
  return entries.map(([afterMs, entry], index) => ({ sequence: index + 1, at: new Date(BEGIN + afterMs).toISOString(), ...entry }));
}

const forward = (step: string, attempt: number) => ({ kind: 'attempt-started', direction: 'forward', step, attempt }) as const;
const undoing = (step: string, attempt: number) => ({ kind: 'attempt-started', direction: 'compensation', step, attempt }) as const;

describe('the timeline of a saga', () => {
  it('shows an attempt as one line, at the time of its begin, with its outcome and how long it took', () => {
    const lines = timeline(
      journal(
        [0, { kind: 'saga-started' }],
        [4, forward('authorize', 1)],
        [1_254, { kind: 'step-succeeded', step: 'authorize' }],
        [1_260, { kind: 'saga-completed' }],
      ),
    );
    expect(lines).toEqual(
      [
        '    +0 ms    saga                  started',
        '    +4 ms  → authorize  attempt 1   succeeded (1.25 s)',
        '  +1.26 s    saga                   completed',
      ].map((line) => expect.stringMatching(loosely(line))),
    );
  });

  it('keeps the items of a step apart, and the two directions', () => {
    const lines = timeline(
      journal(
        [0, { kind: 'step-fanned-out', step: 'reserve', details: { items: [1, 2] } }],
        [1, { ...forward('reserve', 1), item: 0 }],
        [2, { ...forward('reserve', 1), item: 1 }],
        [
          5,
          {
            kind: 'step-failed',
            step: 'reserve',
            item: 1,
            details: { refused: true, error: { code: 'OUT_OF_STOCK', message: 'none left' } },
          },
        ],
        [
          6,
          {
            kind: 'unwinding-began',
            details: { failure: { kind: 'rejected', step: 'reserve', code: 'OUT_OF_STOCK', message: 'none left' } },
          },
        ],
        [7, { kind: 'step-succeeded', step: 'reserve', item: 0 }],
        [8, { ...undoing('reserve', 1), item: 0 }],
        [9, { kind: 'compensation-succeeded', step: 'reserve', item: 0 }],
      ),
    );
    expect(lines).toEqual(
      [
        '+0 ms → reserve fanned out to 2 items',
        '+1 ms → reserve[0] attempt 1 succeeded (6 ms)',
        '+2 ms → reserve[1] attempt 1 refused: OUT_OF_STOCK none left (3 ms)',
        '+6 ms saga unwinds: OUT_OF_STOCK none left',
        '+8 ms ← reserve[0] attempt 1 undone (1 ms)',
      ].map((line) => expect.stringMatching(loosely(line))),
    );
  });

  it('shows what was tried again, what stayed unknown, and what a crash cut short', () => {
    const lines = timeline(
      journal(
        [0, forward('pay', 1)],
        [
          10,
          { kind: 'attempt-failed', direction: 'forward', step: 'pay', attempt: 1, details: { error: { message: 'socket\n hang up' } } },
        ],
        [20, forward('pay', 2)],
        [50, { kind: 'attempt-interrupted', direction: 'forward', step: 'pay', attempt: 2, details: { why: 'crash' } }],
        [60, forward('pay', 3)],
        [61, { kind: 'step-unknown', step: 'pay', details: { error: { message: 'x'.repeat(100) } } }],
        [70, undoing('pay', 1)],
      ),
    );
    expect(lines).toEqual(
      [
        '+0 ms → pay attempt 1 failed, is tried again: socket hang up (10 ms)',
        '+20 ms → pay attempt 2 cut short: its node died (30 ms)',
        `+60 ms → pay attempt 3 unknown: ${'x'.repeat(69)}… (1 ms)`,
        '+70 ms ← pay attempt 1 still under way',
      ].map((line) => expect.stringMatching(loosely(line))),
    );
  });

  it('shows what a step waited for, and when it came', () => {
    const lines = timeline(
      journal(
        [0, { kind: 'step-waits', step: 'approve', details: { wait: { channel: 'signal', name: 'approval' } } }],
        [50, { kind: 'message-received', details: { channel: 'signal', name: 'approval' } }],
        [52, forward('approve', 1)],
        [60, { kind: 'step-succeeded', step: 'approve' }],
      ),
    );
    expect(lines).toEqual(
      ['+0 ms → approve waits for signal approval', '+50 ms saga signal approval came', '+52 ms → approve attempt 1 succeeded (8 ms)'].map(
        (line) => expect.stringMatching(loosely(line)),
      ),
    );
  });

  it('shows a step that runs a child saga as one line, from the begin of the child to its end', () => {
    const lines = timeline(
      journal(
        [0, { ...forward('ship', 1), item: 0 }],
        [1, { kind: 'child-chosen', step: 'ship', item: 0, direction: 'forward', attempt: 1 }],
        [2, { kind: 'child-started', step: 'ship', item: 0, direction: 'forward', attempt: 1 }],
        [90, { kind: 'message-received', details: { channel: 'child', name: '0198c0de-0000-7000-8000-000000000000' } }],
        [91, { kind: 'step-succeeded', step: 'ship', item: 0 }],
      ),
    );
    expect(lines).toEqual([expect.stringMatching(loosely('+0 ms → ship[0] attempt 1 succeeded (91 ms)'))]);
  });

  it('shows steps that were skipped together as one line', () => {
    const skipped = (step: string, why: string) => ({ kind: 'step-skipped', step, details: { why } });
    const lines = timeline(
      journal(
        [0, skipped('book', 'the saga unwinds')],
        [0, skipped('capture', 'the saga unwinds')],
        [1, skipped('notify', 'when was false')],
      ),
    );
    expect(lines).toEqual(
      ['+0 ms → 2 steps skipped: book, capture', '+1 ms → notify skipped: when was false'].map((line) =>
        expect.stringMatching(loosely(line)),
      ),
    );
  });

  it('shows entries that it does not know by their kind', () => {
    expect(
      timeline(journal([0, { kind: 'step-skipped', step: 'notify', details: { why: 'when was false' } }], [1, { kind: 'saga-paused' }])),
    ).toEqual(['+0 ms → notify skipped: when was false', '+1 ms saga paused'].map((line) => expect.stringMatching(loosely(line))));
  });

  it('lines the columns up', () => {
    const lines = timeline(journal([0, forward('a', 1)], [0, forward('muchLonger', 12)]));
    const columns = new Set(lines.map((line) => line.indexOf('still')));
    expect(columns.size).toBe(1);
  });

  it('is empty for an empty journal', () => {
    expect(timeline([])).toEqual([]);
  });
});

/** The same words, whatever the widths of the columns. */
function loosely(line: string): RegExp {
  const words = line
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(String.raw`^\s*${words.join(String.raw`\s+`)}$`);
}
