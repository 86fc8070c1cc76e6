import fc from 'fast-check';

import { transcriptOf } from '../support/transcript.js';
import { imbalances } from './balance.js';
import { clock } from './clock.js';
import type { Outcome } from './deeds.js';
import { happenings, outcomes, type Picked } from './happenings.js';
import { LEASE_MS, ManyNodes } from './many-nodes.js';
import { Order, Reminder, SAGAS } from './sagas.js';

/** Runs something with nodes that are there for it alone; what goes wrong is told with the sagas that it went wrong with. */
async function withNodes(ends: readonly Outcome[], work: (nodes: ManyNodes) => Promise<void>): Promise<void> {
  const nodes = new ManyNodes(ends);
  try {
    await work(nodes);
  } catch (error) {
    throw new Error(`${String(error)}\n\nThis happened:\n\n${await told(nodes)}\n`, { cause: error });
  } finally {
    await nodes.leave();
  }
}

async function told(nodes: ManyNodes): Promise<string> {
  const stories = (await nodes.sagas()).map(async ({ row: { id, name } }) =>
    [`${name} ${id}`, ...transcriptOf(await nodes.handle(id).journal())].join('\n  '),
  );
  return (await Promise.all(stories)).join('\n\n');
}

/** What is wrong when all has ended. */
async function faultsOf(nodes: ManyNodes): Promise<readonly string[]> {
  const unbalanced = imbalances(await nodes.sagas(), nodes.world);
  const late = (await nodes.changedByLateWrites()).map((id) => `R18: a late write changed saga ${id}`);
  return [...nodes.world.broken, ...nodes.watched.broken, ...nodes.messages.broken, ...unbalanced, ...late];
}

/** How often something came about, so that a lot in which it is rare is found out. */
class Tally {
  private readonly counts = new Map<string, number>();

  add(...what: readonly string[]): void {
    for (const one of what) this.counts.set(one, (this.counts.get(one) ?? 0) + 1);
  }

  rarer(than: number, ...of: readonly string[]): readonly string[] {
    return of.filter((what) => (this.counts.get(what) ?? 0) < than);
  }
}

const COMMON = [
  ...['completed', 'compensated', 'attempt-interrupted', 'step-unknown', 'cancel-requested', 'message-received', 'step-delayed'],
  ...['child-started', 'refused', 'hangs', 'kills', 'kills-too-late', 'throws-too-late', 'slow'],
];

describe('sagas on nodes that die', () => {
  beforeAll(() => clock.take());
  afterAll(() => clock.giveBack());

  it('R1, R2, R3, R9, R10, R15, R16, R18, R19, R27, R28, R31: whatever happens, all is done or undone, once, and nothing is lost', async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(happenings, outcomes, async (lot, ends) => {
        await withNodes(ends, async (nodes) => {
          await nodes.live(lot);
          await nodes.finish();
          const faults = await faultsOf(nodes);
          if (faults.length > 0) throw new Error(faults.join('\n'));
          tally.add(...nodes.world.outcomes, ...Array<string>(nodes.watched.refused).fill('late write'));
          for (const { row, journal } of await nodes.sagas()) tally.add(row.status, ...journal.map(({ kind }) => kind));
        });
      }),
      { numRuns: RUNS },
    );
    expect(tally.rarer(RUNS / 20, ...COMMON)).toEqual([]);
    expect(tally.rarer(RUNS / 200, 'late write', 'child-undoing', 'child-recalled', 'compensation-failed', 'saga-stuck')).toEqual([]);
  }, 300_000);

  it('R14, R18: a cancel of which its node hears nothing aborts what is under way with the next heartbeat', async () => {
    const lot: readonly Picked[] = [
      { what: 'node-boots', crashPoint: null, pick: 0 },
      { what: 'start', type: SAGAS.indexOf(Order), pick: 0 },
      { what: 'time-passes', ms: 5, pick: 0 },
      { what: 'wakes-get-lost', times: 9, pick: 0 },
      { what: 'cancel', pick: 0 },
    ];
    await withNodes(['hangs'], async (nodes) => {
      const status = async (): Promise<unknown> => (await nodes.sagas())[0]?.row.status;
      await nodes.live(lot);
      expect([await status(), nodes.world.outcomes]).toEqual(['running', ['hangs']]);
      await nodes.live([{ what: 'time-passes', ms: LEASE_MS / 3 + 1, pick: 0 }]);
      expect(await status()).toMatch(/^compensat/);
    });
  });

  it('R20: a saga whose time comes because the clock of the database jumps goes on, and its node does not look at it for ever', async () => {
    const lot: readonly Picked[] = [
      { what: 'node-boots', crashPoint: null, pick: 0 },
      { what: 'start', type: SAGAS.indexOf(Reminder), pick: 0 },
      { what: 'time-passes', ms: 9_500, pick: 0 },
      { what: 'clock-jumps', ms: 6_000, pick: 0 },
      { what: 'time-passes', ms: 1_000, pick: 0 },
    ];
    await withNodes([], async (nodes) => {
      await nodes.live(lot);
      expect(nodes.watched.broken).toEqual([]);
      expect(nodes.world.done.filter((key) => key.endsWith(':remind'))).toHaveLength(1);
    });
  });
});

/** Some six sagas each. */
const RUNS = 600;
